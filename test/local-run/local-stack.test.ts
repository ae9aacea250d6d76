import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../infra/local/lib/http.ts';
import { type LocalStack, type LogEntry, startLocalStack } from '../../infra/local/local-stack.ts';
import { template, writeAssembly } from '../support/local-assembly.ts';
import { signedFetch } from '../support/local-signing.ts';

const sdk = (name: string) => JSON.stringify(import.meta.resolve(`@aws-sdk/${name}`));

/** Does what it is asked for, by the SDK as it finds itself configured. */
const code = `
import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from ${sdk('client-dynamodb')};
import { GetSecretValueCommand, SecretsManagerClient } from ${sdk('client-secrets-manager')};
const table = new DynamoDBClient();
const secrets = new SecretsManagerClient();
const TableName = process.env.TABLE_NAME;
const doings = {
  async keep() {
    await table.send(new PutItemCommand({ TableName, Item: { pk: { S: 'kept' } } }));
    return (await table.send(new GetItemCommand({ TableName, Key: { pk: { S: 'kept' } } }))).Item;
  },
  async scan() {
    return table.send(new ScanCommand({ TableName }));
  },
  async secret() {
    const SecretId = process.env.SECRET_ARN;
    return (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  },
  async environment() {
    return { slack: process.env.SLACK_API_URL, level: process.env.AWS_LAMBDA_LOG_LEVEL };
  },
  async hang() {
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};
export const handler = async ({ body }) => {
  const result = await doings[body]().catch(({ name, message }) => ({ name, message }));
  return { statusCode: 200, body: JSON.stringify(result) };
};
`;

const token = 'xoxb-put-in-by-the-operator';
const lines: LogEntry[] = [];
let directory: string;
let stack: LocalStack;

const start = (ports = { http: 0, aws: 0 }) =>
  startLocalStack({
    assemblyDir: directory,
    stackName: 'Stack',
    ports,
    slackApiUrl: 'http://127.0.0.1:3001/api/',
    slackToken: token,
    log: (entry) => lines.push(entry),
  });

beforeAll(async () => {
  const content = template();
  content.Resources.Door.Properties.LoggingConfig.ApplicationLogLevel = 'WARN';
  directory = writeAssembly(content, code);
  stack = await start();
});

afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true });
});

const request = (body: string) =>
  signedFetch(`${stack.apiUrl}/items`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body,
  });
const ask = async (body: string) => (await request(body)).json();

describe('a function of the stack', () => {
  test('reaches its table with credentials of its own', async () => {
    expect(await ask('keep')).toEqual({ pk: { S: 'kept' } });
  });

  test('is refused what its role does not allow', async () => {
    expect(await ask('scan')).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'assumed-role/Stack-role/Stack-door is not authorized to perform: dynamodb:Scan',
      ),
    });
  });

  test('reads the token that was put in at the start', async () => {
    expect(await ask('secret')).toBe(token);
  });

  test('is told where Slack is, and from which level on to log', async () => {
    expect(await ask('environment')).toEqual({
      slack: 'http://127.0.0.1:3001/api/',
      level: 'WARN',
    });
  });

  test("can be invoked through Lambda's API too", async () => {
    const url = `${stack.awsUrl}/2015-03-31/functions/Stack-door/invocations`;
    const init = { method: 'POST', body: '{"body":"keep"}', service: 'lambda' };
    const response = await signedFetch(url, init);
    expect(await response.json()).toMatchObject({ statusCode: 200 });
  });
});

test('says where everything is', () => {
  expect(stack).toMatchObject({
    apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    awsUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    functions: [{ name: 'Stack-door', folder: 'door' }],
    secretName: 'Stack-token',
    tableName: 'Stack-ledger',
    jwt: undefined,
  });
});

test('no token is logged', () => {
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toContain(token);
});

describe('a port in use', () => {
  test.each(['http', 'aws'] as const)('stops the start: %s', async (which) => {
    const taken = await listen(createServer(), 0);
    onTestFinished(taken.close);
    const started = start({ http: 0, aws: 0, [which]: taken.port });
    await expect(started).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(String(taken.port)),
    });
  });

  test('leaves nothing behind', async () => {
    const taken = await listen(createServer(), 0);
    const free = await listen(createServer(), 0);
    await free.close();
    await expect(start({ http: taken.port, aws: free.port })).rejects.toThrow('EADDRINUSE');
    await taken.close();
    const again = await start({ http: taken.port, aws: free.port });
    await again.close();
  });
});

test('the end comes at once, with a function at work and a connection open', async () => {
  const other = await start();
  const socket = connect(Number(new URL(other.apiUrl).port), '127.0.0.1');
  const ended = new Promise((resolve) => socket.on('close', resolve).on('error', () => {}));
  const working = signedFetch(`${other.apiUrl}/items`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'hang',
  }).catch(() => 'cut off');
  await expect
    .poll(() => other.lambda.environments('Stack-door').map(({ state }) => state))
    .toEqual(['busy']);

  const startedAt = performance.now();
  await Promise.all([other.close(), other.close()]);
  expect(performance.now() - startedAt).toBeLessThan(4000); // the function would hang until its time-out
  await ended;
  await working;
  expect(other.lambda.environments('Stack-door')).toEqual([]);
});
