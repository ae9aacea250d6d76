import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import createDynalite from 'dynalite';
import type { Table } from '../../functions/aws/table.ts';

/** The definition of the stack's table, under another name. */
export const definitionOf = (name: string) => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
});

type Failure = { __type: string; message?: string; Message?: string };
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
      else reject(errorOf(answer));
    },
  };
  dynalite.emit('request', request, response);
  return promise;
};

/** As the SDK throws it. */
const errorOf = ({ __type, message = '', Message = message }: Failure): Error => {
  const name = __type.split('#')[1] as string;
  if (name !== 'ConditionalCheckFailedException') {
    return Object.assign(new Error(Message), { name });
  }
  return new ConditionalCheckFailedException({ message: Message, $metadata: {} });
};

type Command = { constructor: { name: string }; input: object };

/**
 * DynamoDB without the SDK and the network, in a tenth of the time: what tests many interleavings
 * has many accesses. That the SDK sends the same is shown where dynalite.ts is used.
 */
const client = {
  async send({ constructor: { name }, input }: Command, options?: { abortSignal?: AbortSignal }) {
    options?.abortSignal?.throwIfAborted();
    return carryOut(name.replace('Command', ''), input);
  },
} as unknown as DynamoDBClient;

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
