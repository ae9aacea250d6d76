import { marshall } from '@aws-sdk/util-dynamodb';
import type { Block, BlockStore } from '../invites/barrier.ts';
import { METHOD } from '../slack/method.ts';
import { failure, getItem, isWritten, type Table } from './table.ts';

const KEY = `block#${METHOD}`;
const Key = { pk: { S: KEY } };

/** The block in the stack's table: one item, which is there only while the queue is blocked. */
export const blockTable = (table: Table): BlockStore => ({
  async read(invocation) {
    const item = await getItem(table, KEY, invocation);
    if (!item) return undefined;
    const { pk: _, probed_at, ...block } = item;
    return { ...block, probedAt: probed_at } as Block;
  },

  async put({ probedAt, ...block }, invocation) {
    const item = { pk: KEY, ...block, probed_at: probedAt };
    const Item = marshall(item, { removeUndefinedValues: true });
    await written(table, 'PutItem', { Item }, invocation);
  },

  probe(expected, at, invocation) {
    const write = {
      Key,
      UpdateExpression: 'SET probed_at = :at',
      ConditionExpression: 'probed_at = :expected',
      ExpressionAttributeValues: marshall({ ':at': at, ':expected': expected }),
    };
    return isWritten(table, 'UpdateItem', write, invocation);
  },

  async remove(invocation) {
    await written(table, 'DeleteItem', { Key }, invocation);
  },
});

/** Writes whatever stands there. @throws InviteError */
const written = async (
  { client, name }: Table,
  operation: 'PutItem' | 'DeleteItem',
  write: Record<string, unknown>,
  invocation: Parameters<Table['client']>[2],
) => {
  try {
    await client(operation, { TableName: name, ...write }, invocation);
  } catch (error) {
    throw failure(error);
  }
};
