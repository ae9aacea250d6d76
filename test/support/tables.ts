import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import createDynalite from 'dynalite';
import type { AwsClient } from '../../functions/aws/client.ts';
import { AwsError } from '../../functions/aws/failure.ts';
import type { Table } from '../../functions/aws/table.ts';
import type { Abortable } from '../../functions/invites/invocation.ts';
import { TABLE_INDEXES } from '../../infra/config/table-indexes.ts';

const index = ({ name, partitionKey, sortKey, include }: (typeof TABLE_INDEXES)[number]) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ],
  Projection:
    include.length === 0
      ? { ProjectionType: 'KEYS_ONLY' as const }
      : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...include] },
});

/** The definition of the stack's table, under another name. */
export const definitionOf = (name: string) => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' as const },
    { AttributeName: 'due', AttributeType: 'S' as const },
    { AttributeName: 'due_at', AttributeType: 'N' as const },
    { AttributeName: 'listed', AttributeType: 'S' as const },
    { AttributeName: 'listed_at', AttributeType: 'N' as const },
  ],
  GlobalSecondaryIndexes: TABLE_INDEXES.map(index),
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
});

type Answer = Record<string, unknown>;

const dynalite = createDynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });

/** Hands dynalite an operation as a request that never was on a socket. */
const carryOut = (operation: string, input: object): Promise<Answer> => {
  const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      // dynalite only looks whether there is a signature.
      'x-amz-date': '20300101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=0',
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const response = {
    statusCode: 200,
    setHeader() {},
    end(body: string) {
      const answer = JSON.parse(body);
      if (response.statusCode === 200) resolve(answer);
      else reject(new AwsError(answer.__type.split('#')[1]));
    },
  };
  dynalite.emit('request', request, response);
  return promise;
};

/**
 * DynamoDB without the client and the network, in a tenth of the time: what tests many interleavings
 * has many accesses. That the client sends the same is shown where dynalite.ts is used.
 */
const client: AwsClient = async <Output>(
  operation: string,
  input: object,
  { signal }: Abortable,
) => {
  signal.throwIfAborted();
  return (await carryOut(operation, input)) as Output;
};

/** @returns a new, empty table with the key of the stack's. */
export const newTable = async (): Promise<Table> => {
  const name = `table-${randomUUID()}`;
  await carryOut('CreateTable', definitionOf(name));
  // Even without its delay a table takes a moment to come up.
  while (!(await isActive(name)));
  return { client, name };
};

const isActive = async (name: string): Promise<boolean> => {
  const { Table } = await carryOut('DescribeTable', { TableName: name });
  return (Table as { TableStatus: string }).TableStatus === 'ACTIVE';
};
