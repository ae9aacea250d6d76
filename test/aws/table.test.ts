import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsClient, awsClient } from '../../functions/aws/client.ts';
import { awsFailure } from '../../functions/aws/failure.ts';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { gateTable, laneCell } from '../../functions/aws/pace-table.ts';
import { SLACK_TOKEN } from '../../functions/aws/secret.ts';
import type { Table } from '../../functions/aws/table.ts';
import { OWN_CODES } from '../../functions/errors/codes.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import type { Abortable } from '../../functions/invites/invocation.ts';
import { LOCAL } from '../support/dynalite.ts';
import { INVOCATION } from '../support/invocation.ts';

/** A DynamoDB that answers every request with one error, or not at all. */
let server: Server;
let error: string | undefined;
let requests: string[];
let bodies: string[];
let client: AwsClient;

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
  const { port } = server.address() as AddressInfo;
  client = awsClient('dynamodb', {
    ...LOCAL,
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
  });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  error = undefined;
  requests = [];
  bodies = [];
});

/** Every access that there is, by the operation that the function's role has to allow. */
const accesses = (invocation: Abortable = INVOCATION): [string, () => Promise<unknown>][] => {
  const table: Table = { client, name: 'invites' };
  const ledger = ledgerTable(table);
  const gate = gateTable(table);
  const place = gate.cell(true, invocation);
  const lane = laneCell(table, invocation);
  return [
    ['GetItem', () => ledger.read('inv1_x', invocation)],
    ['PutItem', () => ledger.write({ id: 'inv1_x', revision: 'r', ttl: 1 }, undefined, invocation)],
    ['DeleteItem', () => ledger.remove('inv1_x', 'r', invocation)],
    ['GetItem', () => gate.read(invocation)],
    ['UpdateItem', () => place.restart(1, 1)],
    ['UpdateItem', () => place.advance(1, 1, 1)],
    ['UpdateItem', () => gate.hold(1, 1, invocation)],
    ['UpdateItem', () => gate.holdEmails(1, invocation)],
    ['UpdateItem', () => lane.restart(1, 1)],
    ['UpdateItem', () => lane.advance(1, 1, 1)],
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
    for (const [operation, access] of accesses()) {
      bodies = [];
      await failureOf(access);
      const sent = JSON.parse(bodies[0] as string);
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
    for (const [operation, access] of accesses()) {
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
    for (const [, access] of accesses()) {
      expect(await failureOf(access)).toMatchObject({
        name: 'Unavailable',
        retryable: true,
        facts: { code: 'table_unavailable', retryAfter: 5 },
      });
    }
  });

  test('that hangs is given up at the invocation’s signal', async () => {
    const hanging = new AbortController();
    const failures = accesses(hanging).map(([, access]) => failureOf(access));
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(failures.length);
    hanging.abort();
    for (const failure of await Promise.all(failures)) {
      expect(failure).toMatchObject({ name: 'Unavailable' });
    }
  });

  test('is not begun after the signal', async () => {
    for (const [, access] of accesses({ signal: AbortSignal.abort() })) {
      expect(await failureOf(access)).toMatchObject({ name: 'Unavailable' });
    }
    expect(requests).toEqual([]);
  });
});

describe('a failure of an AWS service', () => {
  test('that lasts names what to do, in the class that the service stands for', () => {
    const denied = Object.assign(new Error('…'), { name: 'AccessDenied' });
    expect(awsFailure(denied, SLACK_TOKEN)).toMatchObject({
      name: 'SlackCredentials',
      message: `The secret with the Slack token could not be used (AccessDenied). ${OWN_CODES.secret_misconfigured.remedy}`,
    });
  });

  test.each([
    ['a time-out', Object.assign(new Error('…'), { name: 'TimeoutError' })],
    ['no connection', Object.assign(new Error('…'), { name: 'Error', code: 'ECONNREFUSED' })],
    ['what is no error', 'a string'],
    ['an error with a text for a name', Object.assign(new Error('…'), { name: 'key AKIA1234' })],
  ])('such as %s may be asked again', (_, failure) => {
    const translated = awsFailure(failure, SLACK_TOKEN);
    expect(translated).toMatchObject({
      name: 'Unavailable',
      facts: { code: 'secret_unavailable' },
    });
    expect(translated.message).not.toContain('AKIA');
  });
});
