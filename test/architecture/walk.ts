import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import createDynalite from 'dynalite';

// Run by itself, by Node: prints how many files of functions/ each kind of request passes through
// when the function is warm. A file counts if one of its functions was called.

const listen = async (server: ReturnType<typeof createServer>): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const answering = (answer: (request: IncomingMessage) => unknown) =>
  createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(answer(request))));
  });

const FOLDER = '/functions/';
const root = mkdtempSync(join(tmpdir(), 'walk-'));
writeFileSync(
  join(root, 'deployment.json'),
  JSON.stringify({
    policy: {
      channels: { '*': { emailDomains: ['*'] } },
      deniedEmailDomains: [],
      readers: [],
    },
  }),
);
const table = await listen(
  createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
);
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_DYNAMODB: table,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: await listen(
    answering(() => ({ SecretString: '{"token":"xoxb-1"}' })),
  ),
  SLACK_API_URL: await listen(
    answering(() => ({ ok: true, invite_id: 'I1', is_legacy_shared_channel: false })),
  ),
  LAMBDA_TASK_ROOT: root,
  STACK_NAME: 'Stack',
  FUNCTION: 'invite-api',
  TABLE_NAME: 'table',
  SECRET_ARN: 'secret',
  WORKFLOW_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-invites',
  CONFIG: JSON.stringify({ ratePerMinute: 6000, burst: 100, retentionDays: 400 }),
});
await new DynamoDBClient({ endpoint: table }).send(
  new CreateTableCommand({
    TableName: 'table',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  }),
);

const { handler } = (await import('../../functions/invite-api/handler.ts')) as unknown as {
  handler(event: unknown, context: unknown): Promise<{ statusCode: number; body: string }>;
};
const call = (event: object) =>
  handler(
    { headers: { 'content-type': 'application/json' }, requestContext: {}, ...event },
    { awsRequestId: 'walk', getRemainingTimeInMillis: () => 20_000 },
  );
const post = (name: string) =>
  call({
    routeKey: 'POST /invites',
    body: JSON.stringify({ channel: 'C0PARTNER01', emails: [`${name}@partner.example`] }),
  });
const get = (id: string) => call({ routeKey: 'GET /invites/{id}', pathParameters: { id } });

const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true; // the metrics

const { id } = JSON.parse((await post('first')).body);
await post('second');
await get(id);

const profiler = new Session();
profiler.connect();
await profiler.post('Profiler.enable');
await profiler.post('Profiler.startPreciseCoverage', { callCount: true });

const walk = async (request: () => Promise<{ statusCode: number }>) => {
  await profiler.post('Profiler.takePreciseCoverage'); // and begin at 0
  const { statusCode } = await request();
  const { result } = await profiler.post('Profiler.takePreciseCoverage');
  const files = result
    .filter(({ url, functions }) => {
      const called = functions.some(({ ranges: [range] }) => range && range.count > 0);
      return url.includes(FOLDER) && called;
    })
    .map(({ url }) => url.slice(url.lastIndexOf(FOLDER) + FOLDER.length));
  return { status: statusCode, files: files.sort() };
};

print(
  JSON.stringify({
    'POST /invites': await walk(() => post('third')),
    'GET /invites/{id}': await walk(() => get(id)),
  }),
);
process.exit(0);
