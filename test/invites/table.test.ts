import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awsFailure } from '../../functions/aws/client.ts';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { gateTable, laneTable } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';

/** A DynamoDB that answers every request with one error, or not at all. */
let server: Server;
let error: string | undefined;
let requests: string[];
let bodies: string[];
let client: DynamoDBClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(String(request.headers['x-amz-target']).split('.')[1] ?? '');
    request.on('data', (chunk) => bodies.push(String(chunk)));
    if (!error) return;
    const message = 'User arn:aws:sts::000000000000:assumed-role/hr is not authorized';
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${error}`, message }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  error = undefined;
  requests = [];
  bodies = [];
});

const tableWith = (signal = new AbortController().signal): Table => ({
  client,
  name: 'invites',
  signal,
});

/** Every access that there is, by the operation that the function's role has to allow. */
const accesses = (table: Table): [string, () => Promise<unknown>][] => {
  const ledger = ledgerTable(table);
  const gate = gateTable(table);
  const lane = laneTable(table);
  return [
    ['GetItem', () => ledger.read('inv1_x')],
    ['PutItem', () => ledger.write({ id: 'inv1_x', revision: 'r', ttl: 1 }, undefined)],
    ['DeleteItem', () => ledger.remove('inv1_x', 'r')],
    ['GetItem', () => gate.read()],
    ['UpdateItem', () => gate.restart(1, 1, true)],
    ['UpdateItem', () => gate.advance(1, 1, 1, true)],
    ['UpdateItem', () => gate.hold(1, 1)],
    ['UpdateItem', () => gate.holdEmails(1)],
    ['UpdateItem', () => lane.restart(1, 1)],
    ['UpdateItem', () => lane.advance(1, 1)],
  ];
};

const failureOf = (access: () => Promise<unknown>): Promise<InviteError> =>
  access().then(
    () => expect.unreachable(),
    (failure) => failure,
  );

describe('an access to the table', () => {
  test('that reads is consistent, and one that writes is conditional', async () => {
    error = 'ThrottlingException';
    for (const [operation, access] of accesses(tableWith())) {
      bodies = [];
      await failureOf(access);
      const sent = JSON.parse(bodies.join(''));
      if (operation === 'GetItem') expect(sent.ConsistentRead).toBe(true);
      else expect(sent.ConditionExpression).toEqual(expect.any(String));
    }
  });

  test.each([
    'AccessDeniedException',
    'ResourceNotFoundException',
    'ValidationException',
    'UnrecognizedClientException',
  ])('that fails with %s is a defect, and nothing of the account is repeated', async (name) => {
    error = name;
    for (const [operation, access] of accesses(tableWith())) {
      const failure = await failureOf(access);
      expect(failure).toMatchObject({ name: 'Defect', facts: { code: 'table_misconfigured' } });
      expect(failure.message).toContain(name);
      expect(`${failure.message} ${JSON.stringify(failure)}`).not.toContain('arn:aws');
      expect(requests.at(-1)).toBe(operation);
    }
  });

  test.each([
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'InternalServerError',
  ])('that fails with %s may be asked again', async (name) => {
    error = name;
    for (const [, access] of accesses(tableWith())) {
      expect(await failureOf(access)).toMatchObject({
        name: 'SlackUnavailable',
        retryable: true,
        facts: { code: 'table_unavailable', retryAfter: 5 },
      });
    }
  });

  test('that hangs is given up at the invocation’s signal', async () => {
    const hanging = new AbortController();
    const failures = accesses(tableWith(hanging.signal)).map(([, access]) => failureOf(access));
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(failures.length);
    hanging.abort();
    for (const failure of await Promise.all(failures)) {
      expect(failure).toMatchObject({ name: 'SlackUnavailable' });
    }
  });

  test('is not begun after the signal', async () => {
    for (const [, access] of accesses(tableWith(AbortSignal.abort()))) {
      expect(await failureOf(access)).toMatchObject({ name: 'SlackUnavailable' });
    }
    expect(requests).toEqual([]);
  });
});

describe('a failure of an AWS service', () => {
  const remedies = {
    lasting: 'SlackCredentials',
    code: 'secret',
    what: 'the secret',
    remedy: 'put it back',
  } as const;

  test('that lasts names what to do, in the class of whoever asked', () => {
    const denied = Object.assign(new Error('…'), { name: 'AccessDenied' });
    expect(awsFailure(denied, remedies)).toMatchObject({
      name: 'SlackCredentials',
      message: 'the secret could not be used (AccessDenied): put it back',
    });
  });

  test.each([
    ['a time-out', Object.assign(new Error('…'), { name: 'TimeoutError' })],
    ['no connection', Object.assign(new Error('…'), { name: 'Error', code: 'ECONNREFUSED' })],
    ['what is no error', 'a string'],
    ['an error with a text for a name', Object.assign(new Error('…'), { name: 'key AKIA1234' })],
  ])('such as %s may be asked again', (_, failure) => {
    const translated = awsFailure(failure, remedies);
    expect(translated).toMatchObject({
      name: 'SlackUnavailable',
      facts: { code: 'secret_unavailable' },
    });
    expect(translated.message).not.toContain('AKIA');
  });
});
