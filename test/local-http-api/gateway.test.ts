import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RouteModel } from '../../infra/local/http-api/api-model.ts';
import { httpApi } from '../../infra/local/http-api/gateway.ts';
import { jwtChecker } from '../../infra/local/http-api/jwt-authorizer.ts';
import type { Lambda } from '../../infra/local/lambda/lambda.ts';
import { type Listening, listen } from '../../infra/local/lib/http.ts';
import type { Principal } from '../../infra/local/lib/principal.ts';
import { type Credentials, operator, signedFetch } from '../support/local-signing.ts';

const route = (routeKey: string, authorization: RouteModel['authorization']): RouteModel => ({
  routeKey,
  authorization,
  functionName: 'Stack-door',
  timeoutMs: 100,
});
const permission = (path: string) => ({
  functionName: 'Stack-door',
  sourceArn: `arn:aws:execute-api:us-east-1:000000000000:api/*/*${path}`,
});

const reader = { accessKeyId: 'ASIAREADER', secretAccessKey: 'reader' };
const keys: Principal[] = [
  {
    ...operator,
    arn: 'arn:aws:iam::000000000000:user/local',
    userId: 'AIDALOCAL',
    decide: () => ({ allowed: true }),
  },
  {
    ...reader,
    arn: 'arn:aws:iam::000000000000:user/reader',
    userId: 'AIDAREADER',
    decide: (action, resource) =>
      action === 'execute-api:Invoke' && resource.includes('/GET/signed/')
        ? { allowed: true }
        : { allowed: false, reason: 'not that' },
  },
];
const invoke = vi.fn<Lambda['invoke']>();
const lines: string[] = [];
let front: Listening;

beforeAll(async () => {
  const listener = httpApi({
    api: {
      id: 'api',
      routes: [
        route('POST /signed', 'AWS_IAM'),
        route('GET /signed/{id}', 'AWS_IAM'),
        { ...route('GET /token', 'JWT'), jwt: { issuer: 'https://i', audience: [], scopes: [] } },
        route('GET /open/{name}', 'NONE'),
        route('POST /open/{name}', 'NONE'),
        route('GET /unpermitted', 'NONE'),
      ],
      permissions: ['/signed', '/signed/{id}', '/token', '/open/{name}'].map(permission),
    },
    principals: new Map(keys.map((key) => [key.accessKeyId, key])),
    checkJwt: jwtChecker({ keys: [] }),
    invoke,
    log: (line) => lines.push(line),
  });
  front = await listen(createServer({ keepAliveTimeout: 60_000 }, listener), 0);
});

afterAll(() => front.close());

beforeEach(() => {
  lines.length = 0;
  invoke.mockReset();
  answer({ statusCode: 200, body: 'ok' });
});

function answer(result: unknown, functionError?: 'Unhandled') {
  invoke.mockResolvedValue({
    payload: Buffer.from(JSON.stringify(result)),
    requestId: 'id',
    logTail: '',
    ...(functionError && { functionError }),
  });
}

const at = (path: string) => `${front.url}${path}`;
const lastEvent = () => JSON.parse(String(invoke.mock.lastCall?.[1]));

async function expectGatewayAnswer(response: Response, status: number, message: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('apigw-requestid')).toMatch(/=$/);
  expect(await response.json()).toEqual({ message });
}

describe('a route with IAM authorization', () => {
  const post = (init = {}) =>
    signedFetch(at('/signed'), { method: 'POST', body: '{"a":1}', ...init });

  test('lets a signed request through to the function, which learns who signed', async () => {
    const response = await post({ headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('ok');
    expect(invoke.mock.lastCall?.[0]).toBe('Stack-door');
    expect(lastEvent()).toMatchObject({
      routeKey: 'POST /signed',
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: { authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:user/local' } } },
    });
  });

  test('hands the trace on', async () => {
    await post();
    const { headers } = lastEvent();
    expect(invoke.mock.lastCall?.[2]).toEqual({ traceId: headers['x-amzn-trace-id'] });
  });

  const refusals: [string, () => Promise<Response>][] = [
    ['no signature', () => fetch(at('/signed'), { method: 'POST', body: '{}' })],
    ['a wrong secret', () => post({ credentials: { ...operator, secretAccessKey: 'x' } })],
    ['a date 6 minutes old', () => post({ date: new Date(Date.now() - 6 * 60_000) })],
    ['a signature for another service', () => post({ service: 'lambda' })],
    ['a caller whose policy does not allow this route', () => post({ credentials: reader })],
  ];
  test.each(refusals)('answers %s with 403', async (_, send) => {
    await expectGatewayAnswer(await send(), 403, 'Forbidden');
    expect(invoke).not.toHaveBeenCalled();
  });

  test('lets a caller through whose policy allows this route only', async () => {
    const response = await signedFetch(at('/signed/a%20b'), { credentials: reader });
    expect(response.status).toBe(200);
    expect(lastEvent()).toMatchObject({ rawPath: '/signed/a b', pathParameters: { id: 'a b' } });
  });
});

describe('the gateway answers by itself', () => {
  test('a route with a JWT authorizer: 401 for anything but a token', async () => {
    const without = await fetch(at('/token'));
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    const response = await fetch(at('/token'), { headers: { authorization: 'Bearer x.y.z' } });
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer scope="" error="invalid_token" error_description="the token cannot be read"',
    );
    await expectGatewayAnswer(response, 401, 'Unauthorized');
  });

  test('a path that no route has: 404', async () => {
    await expectGatewayAnswer(await fetch(at('/nowhere')), 404, 'Not Found');
  });

  test('a method that no route has: 404', async () => {
    await expectGatewayAnswer(await fetch(at('/signed'), { method: 'PUT' }), 404, 'Not Found');
  });

  test('a path that cannot be decoded: 400', async () => {
    await expectGatewayAnswer(await fetch(at('/open/%E0%A4%A')), 400, 'Bad Request');
  });

  test('a body over 10 MB: 413', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    const response = await fetch(at('/open/x'), { method: 'POST', body });
    await expectGatewayAnswer(response, 413, 'Request Entity Too Large');
  });

  test('a body that is more than Lambda takes: 413', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024);
    const response = await fetch(at('/open/x'), { method: 'POST', body });
    await expectGatewayAnswer(response, 413, 'Request Entity Too Large');
  });

  test('a function that failed: 500', async () => {
    answer({ errorType: 'Error', errorMessage: 'a secret' }, 'Unhandled');
    await expectGatewayAnswer(await fetch(at('/open/x')), 500, 'Internal Server Error');
  });

  test("a function's malformed response: 500", async () => {
    answer({ statusCode: 'ok' });
    await expectGatewayAnswer(await fetch(at('/open/x')), 500, 'Internal Server Error');
  });

  test('a function that cannot be invoked: 500', async () => {
    invoke.mockRejectedValue(new TypeError('about person@partner.example'));
    await expectGatewayAnswer(await fetch(at('/open/x')), 500, 'Internal Server Error');
    expect(lines).toEqual([
      expect.stringMatching(/^GET \/open\/\{name\} 500 \d+ ms, failed with TypeError$/),
    ]);
  });

  test('a function that gave the gateway no permission to call it: 500', async () => {
    await expectGatewayAnswer(await fetch(at('/unpermitted')), 500, 'Internal Server Error');
    expect(invoke).not.toHaveBeenCalled();
  });

  test("a function that takes longer than the integration's time-out: 503", async () => {
    invoke.mockReturnValue(new Promise(() => {}));
    await expectGatewayAnswer(await fetch(at('/open/x')), 503, 'Service Unavailable');
  });
});

describe('the log', () => {
  test('has route, status and time, and nothing of the request', async () => {
    await fetch(at('/open/person@partner.example?email=person@partner.example'));
    expect(lines).toEqual([expect.stringMatching(/^GET \/open\/\{name\} 200 \d+ ms$/)]);
  });

  const signed = (credentials: Credentials) => signedFetch(at('/signed/a'), { credentials });
  const reasons: [string, () => Promise<Response>, RegExp][] = [
    [
      'a signature is missing',
      () => fetch(at('/signed/a')),
      /^GET \/signed\/\{id\} 403 \d+ ms, MissingAuthenticationTokenException: Missing/,
    ],
    [
      'the access key is unknown',
      () => signed({ accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x', sessionToken: 'hidden' }),
      /403 \d+ ms, UnrecognizedClientException: The security token/,
    ],
    [
      'the caller has no permission',
      () => signedFetch(at('/signed'), { method: 'POST', credentials: reader }),
      /403 \d+ ms, arn:aws:iam::000000000000:user\/reader is not authorized not that$/,
    ],
    [
      'no route has the path',
      () => fetch(at('/person@partner.example')),
      /^GET 404 \d+ ms, no route has GET "\/…"; there are .*POST \/signed/,
    ],
    [
      'a path is misspelled',
      () => fetch(at('/sigend?a=hidden'), { method: 'PUT' }),
      /^PUT 404 \d+ ms, no route has PUT "\/sigend"; there are .*POST \/signed/,
    ],
    [
      'the body is too large for the gateway',
      () => fetch(at('/open/x'), { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) }),
      /^POST 413 \d+ ms, a body of more than 10485760 bytes$/,
    ],
    [
      'the body is too large for Lambda',
      () => fetch(at('/open/x'), { method: 'POST', body: Buffer.alloc(5 * 1024 * 1024) }),
      /413 \d+ ms, an event of more than the 6291456 bytes that Lambda takes$/,
    ],
  ];
  test.each(reasons)('says why the gateway refused when %s', async (_, send, line) => {
    await send();
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines.join()).not.toMatch(/STRANGER|hidden|person/);
  });
});
