import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkTable } from '../../infra/operate/check-table.ts';
import { resources, templateOf } from '../support/assemblies.ts';

// What DynamoDB says of the stack's own table.
const [own] = resources(await templateOf(), 'AWS::DynamoDB::Table');
const SOUND = {
  DescribeTable: {
    Table: {
      KeySchema: own?.Properties.KeySchema,
      GlobalSecondaryIndexes: own?.Properties.GlobalSecondaryIndexes,
      DeletionProtectionEnabled: true,
    },
  },
  DescribeTimeToLive: {
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' },
  },
  DescribeContinuousBackups: {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  },
};

let answers: Record<string, object>;
const asked: string[] = [];
const server = createServer((request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
  asked.push(operation);
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end(JSON.stringify(answers[operation]));
});
let client: DynamoDBClient;
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(() => {
  client.destroy();
  server.close();
});
beforeEach(() => {
  answers = SOUND;
});

const findings = async (isLocal = false) =>
  (await checkTable(client, 'Restored', isLocal)).map(({ finding, status }) => finding ?? status);

test('the table that a stack makes is sound', async () => {
  expect(await findings()).toEqual(['ok']);
});

const { Table } = SOUND.DescribeTable;
const indexes: { IndexName: string; KeySchema: object[] }[] = Table.GlobalSecondaryIndexes;
const NO_EXPIRY = { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
const NO_RECOVERY = {
  ContinuousBackupsDescription: {
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  },
};

test.each<[string, object, string[]]>([
  [
    'indexes',
    { DescribeTable: { Table: { ...Table, GlobalSecondaryIndexes: undefined } } },
    ['table_without_index', 'table_without_index'],
  ],
  [
    'one index',
    { DescribeTable: { Table: { ...Table, GlobalSecondaryIndexes: indexes.slice(1) } } },
    ['table_without_index'],
  ],
  [
    'an index with its keys',
    {
      DescribeTable: {
        Table: {
          ...Table,
          GlobalSecondaryIndexes: indexes.map((one) => ({
            ...one,
            KeySchema: one.KeySchema.slice(0, 1),
          })),
        },
      },
    },
    ['table_without_index', 'table_without_index'],
  ],
  [
    'its key',
    {
      DescribeTable: { Table: { ...Table, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] } },
    },
    ['table_of_another_key'],
  ],
  ['expiry', { DescribeTimeToLive: NO_EXPIRY }, ['table_without_expiry']],
  [
    'expiry by its own attribute',
    {
      DescribeTimeToLive: {
        TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
      },
    },
    ['table_without_expiry'],
  ],
  ['recovery', { DescribeContinuousBackups: NO_RECOVERY }, ['table_without_recovery']],
  [
    'protection',
    { DescribeTable: { Table: { ...Table, DeletionProtectionEnabled: false } } },
    ['table_unprotected'],
  ],
  [
    'all that a restore leaves behind',
    {
      DescribeTable: { Table: { ...Table, DeletionProtectionEnabled: false } },
      DescribeTimeToLive: NO_EXPIRY,
      DescribeContinuousBackups: NO_RECOVERY,
    },
    ['table_without_expiry', 'table_without_recovery', 'table_unprotected'],
  ],
])('a table without %s is named', async (_, otherwise, expected) => {
  answers = { ...SOUND, ...otherwise };
  expect(await findings()).toEqual(expected);
});

test('on this machine, what it does not have is not called missing', async () => {
  answers = { DescribeTable: SOUND.DescribeTable };
  expect(await findings(true)).toEqual(['table_upkeep_unseen']);
});

test('looking writes nothing', () => {
  expect([...new Set(asked)].every((operation) => operation.startsWith('Describe'))).toBe(true);
});
