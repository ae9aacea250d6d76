import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { HttpResponse } from '../../functions/lambda/http-error-handler.ts';
import { startDynalite } from '../support/dynalite.ts';
import { catchPrinted, type Printed } from '../support/printed-output.ts';
import { accepted, envelope, renamed } from './slack-story.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW = Math.floor(Date.now() / 1000);
const INVITATION = {
  id: 'I0ONE',
  channel: 'C0PARTNER01',
  email: 'somebody@partner.example',
  createdAt: NOW,
};

let handler: (event: unknown, context: unknown) => Promise<HttpResponse>;
let failure: string | undefined;
let printed: Printed;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const dynalite = await startDynalite();
  const secrets = createServer((_request, response) => {
    const body = failure ? { __type: failure, message: '' } : { SecretString: SECRET };
    response.writeHead(failure ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => secrets.listen(0, '127.0.0.1', resolve));
  closing.push(
    dynalite.close,
    () => secrets.close(),
    () => secrets.closeAllConnections(),
  );
  const lifecycle = { remindBeforeDays: 3, resendOnExpiry: false };
  const environment = {
    STACK_NAME: 'Stack',
    FUNCTION: 'slack-events',
    TABLE_NAME: (await dynalite.table()).name,
    SIGNING_SECRET_ARN: 'signing-secrets',
    CONFIG: JSON.stringify({ ratePerMinute: 20, burst: 5, retentionDays: 400, lifecycle }),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // When it starts, the secret cannot be read: then it reads it again.
  failure = 'InternalServiceError';
  handler = (await import('../../functions/slack-events/handler.ts')).handler as typeof handler;
});
beforeEach(() => {
  printed = catchPrinted();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => Promise.all(closing.map((close) => close())));

const deliver = (body: string, secret = SECRET) => {
  const signature = createHmac('sha256', secret).update(`v0:${NOW}:${body}`).digest('hex');
  const event = {
    headers: {
      'x-slack-request-timestamp': String(NOW),
      'x-slack-signature': `v0=${signature}`,
    },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: 'POST' } },
  };
  return handler(event, { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 10_000 });
};

test.each([
  ['InternalServiceError', 503, 'signing_secret_unavailable'],
  ['AccessDeniedException', 500, 'signing_secret_misconfigured'],
])('while the secret gives %s, Slack is told to come again', async (name, status, code) => {
  failure = name;
  const { statusCode } = await deliver(JSON.stringify(accepted(INVITATION, NOW)));
  expect(statusCode).toBe(status);
  expect(printed.metrics()).toMatchObject([{ code, result: 'failed', SlackEvents: 1, Errors: 1 }]);
});

test.each([
  ['an event about an invitation of nobody here', accepted(INVITATION, NOW), 'known|foreign'],
  ['an event of an unknown type', envelope({ type: 'message' }, NOW), 'ignored'],
])('%s is counted and answered 200', async (_what, body, result) => {
  failure = undefined;
  expect(await deliver(JSON.stringify(body))).toMatchObject({ statusCode: 200, body: '{}' });
  const [record] = printed.metrics() as { result?: string }[];
  expect(record).toMatchObject({ stack: 'Stack', SlackEvents: 1 });
  expect(record?.result).toMatch(new RegExp(`^(${result})$`));
});

test('a challenge is given back', async () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
  expect(await deliver(body)).toMatchObject({ statusCode: 200, body: '{"challenge":"abc"}' });
});

test('what somebody else signed is 401, and Slack would not send it again', async () => {
  const answer = await deliver('{"type":"url_verification","challenge":"abc"}', 'x'.repeat(32));
  expect(answer).toMatchObject({
    statusCode: 401,
    headers: { 'x-slack-no-retry': '1' },
    body: '{"message":"Unauthorized"}',
  });
});

test('a channel that got another id is a line that says what to change', async () => {
  await deliver(JSON.stringify(renamed('G0PRIVATE01', 'C0PRIVATE01', NOW)));
  expect(printed.logged().map(([, entry]) => entry)).toContainEqual(
    expect.objectContaining({
      event: 'channel_id_changed',
      before: 'G0PRIVATE01',
      after: 'C0PRIVATE01',
      remedy: 'Write C0PRIVATE01 for G0PRIVATE01 in slackConnectInvites.channels',
    }),
  );
});

test('nothing of a body is ever printed', async () => {
  await deliver(JSON.stringify(accepted(INVITATION, NOW)));
  await deliver(JSON.stringify(accepted(INVITATION, NOW)), 'x'.repeat(32));
  await deliver(`{"secret-text": ${JSON.stringify(accepted(INVITATION, NOW))}`);
  expect(printed.lines.join()).not.toMatch(/somebody|someone|secret-text|I0ONE|partner\.example/);
});
