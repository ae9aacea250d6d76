import { describe, expect, test } from 'vitest';
import {
  type EventContext,
  type HttpRequest,
  newRequestId,
  toEvent,
} from '../../infra/local/http-api/event.ts';
import { newTraceRoot } from '../../infra/local/lambda/invocation.ts';

const now = new Date('2026-03-04T05:06:07.089Z');
const request: HttpRequest = {
  method: 'POST',
  path: '/invites',
  rawQuery: '',
  rawHeaders: ['Host', '127.0.0.1:3000', 'User-Agent', 'curl/8'],
  body: Buffer.alloc(0),
  sourceIp: '127.0.0.1',
  port: 3000,
};
const context: EventContext = {
  apiId: 'abcdefghij',
  match: {
    route: { routeKey: 'POST /invites', authorization: 'NONE', functionName: 'door', timeoutMs: 1 },
    pathParameters: undefined,
  },
  requestId: 'JKJaXmPLvHcESHA=',
  traceId: 'Root=1-69a7c0af-0123456789abcdef01234567',
  now,
};
const event = (change: Partial<HttpRequest> = {}, more: Partial<EventContext> = {}) =>
  toEvent({ ...request, ...change }, { ...context, ...more });
const withHeaders = (...rawHeaders: string[]) =>
  event({ rawHeaders: [...request.rawHeaders, ...rawHeaders] });

test('an event has the fields of payload format 2.0, and absent what the request has not', () => {
  expect(event()).toEqual({
    version: '2.0',
    routeKey: 'POST /invites',
    rawPath: '/invites',
    rawQueryString: '',
    headers: {
      host: '127.0.0.1:3000',
      'user-agent': 'curl/8',
      'x-amzn-trace-id': 'Root=1-69a7c0af-0123456789abcdef01234567',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '3000',
      'x-forwarded-proto': 'http',
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abcdefghij',
      domainName: '127.0.0.1',
      domainPrefix: '127',
      http: {
        method: 'POST',
        path: '/invites',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'curl/8',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'POST /invites',
      stage: '$default',
      time: '04/Mar/2026:05:06:07 +0000',
      timeEpoch: now.getTime(),
    },
    isBase64Encoded: false,
  });
});

test('headers are in lower case, and repeated ones joined by a comma', () => {
  const { headers } = withHeaders('X-Tag', 'one', 'x-tag', 'two', 'Connection', 'close');
  expect(headers['x-tag']).toBe('one,two');
  expect(headers).not.toHaveProperty('connection');
});

test('the query is there as received, and decoded with repeated names joined by a comma', () => {
  const result = event({ rawQuery: 'a=1&b=x%20y&a=2&empty' });
  expect(result.rawQueryString).toBe('a=1&b=x%20y&a=2&empty');
  expect(result.queryStringParameters).toEqual({ a: '1,2', b: 'x y', empty: '' });
});

test('a signed request says who signed', () => {
  const principal = {
    accessKeyId: 'local',
    secretAccessKey: 'local',
    arn: 'arn:aws:iam::000000000000:user/local',
    userId: 'AIDALOCAL',
    decide: () => ({ allowed: true as const }),
  };
  expect(event({}, { principal }).requestContext.authorizer).toEqual({
    iam: {
      accessKey: 'local',
      accountId: '000000000000',
      callerId: 'AIDALOCAL',
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: 'arn:aws:iam::000000000000:user/local',
      userId: 'AIDALOCAL',
    },
  });
});

describe('the body is', () => {
  const body = Buffer.from('{"é":1}');
  const of = (...headers: string[]) => {
    const result = event({ body, rawHeaders: [...request.rawHeaders, ...headers] });
    return { body: result.body, base64: result.isBase64Encoded };
  };

  test.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/problem+json',
    'application/xml',
    'application/javascript',
    'text/plain',
    'text/csv; header=present',
  ])('text under %s', (contentType) => {
    expect(of('Content-Type', contentType)).toEqual({ body: '{"é":1}', base64: false });
  });

  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'image/png',
    'application/json-seq',
  ])('base64 under %s', (contentType) => {
    expect(of('Content-Type', contentType)).toEqual({
      body: body.toString('base64'),
      base64: true,
    });
  });

  test('base64 without a content type, and when it is compressed', () => {
    expect(of().base64).toBe(true);
    expect(of('Content-Type', 'application/json', 'Content-Encoding', 'gzip').base64).toBe(true);
  });
});

test("ids have AWS's form", () => {
  expect(newRequestId()).toMatch(/^[\w-]{15}=$/);
  expect(newTraceRoot(now)).toMatch(/^Root=1-69a7bdbf-[0-9a-f]{24}$/);
});
