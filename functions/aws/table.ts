import { marshall, type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import type { DueIndex, DueKind } from '../invites/invite.ts';
import type { Abortable } from '../invites/invocation.ts';
import type { AwsClient } from './client.ts';
import { awsErrorName, awsFailure } from './failure.ts';

/** The stack's one table. */
export type Table = { client: AwsClient; name: string };

export type Item = Parameters<typeof unmarshall>[0];

/** @returns the item with this key, read consistently. @throws InviteError */
export const getItem = async (
  { client, name }: Table,
  pk: string,
  invocation: Abortable,
): Promise<Record<string, NativeAttributeValue> | undefined> => {
  const input = { TableName: name, Key: { pk: { S: pk } }, ConsistentRead: true };
  try {
    const { Item } = await client<{ Item?: Item }>('GetItem', input, invocation);
    return Item && unmarshall(Item);
  } catch (error) {
    throw tableFailure(error);
  }
};

/** What a write takes besides the table. */
type Write = { ConditionExpression?: string } & Record<string, unknown>;

/**
 * Writes, under a condition where there is one.
 * @returns the answer, or undefined if the condition did not hold.
 * @throws InviteError for other failures.
 */
export const conditional = async <Output>(
  { client, name }: Table,
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
  write: Write,
  invocation: Abortable,
): Promise<Output | undefined> => {
  try {
    return await client<Output>(operation, { TableName: name, ...write }, invocation);
  } catch (error) {
    if (awsErrorName(error) === 'ConditionalCheckFailedException') return undefined;
    throw tableFailure(error);
  }
};

/** The same, without the answer. @returns whether it was done. */
export const isWritten = async (...write: Parameters<typeof conditional>): Promise<boolean> =>
  (await conditional(...write)) !== undefined;

/** @returns the error of a failed access. */
export const tableFailure = (error: unknown) =>
  awsFailure(error, { lasting: 'table_misconfigured', passing: 'table_unavailable' });

/** The sparse index of what waits for somebody, by the time of its last change. */
export const DUE_INDEX = 'due';
/** The sparse index of the newest invites. */
export const LIST_INDEX = 'list';

/** @returns the index's attributes of an item that waits. @param at ISO 8601, or epoch milliseconds */
export const dueAt = (kind: DueKind, at: string | number) => ({
  due: kind,
  due_at: new Date(at).getTime(),
});

export const dueIndex = (table: Table): DueIndex => ({
  async overdue(kind, before, atMost, invocation) {
    const { client, name } = table;
    const query = {
      TableName: name,
      IndexName: DUE_INDEX,
      KeyConditionExpression: 'due = :kind AND due_at < :before',
      ExpressionAttributeValues: marshall({ ':kind': kind, ':before': before }),
      Limit: atMost,
    };
    try {
      const { Items = [] } = await client<Found>('Query', query, invocation);
      return Items.map(({ pk }) => pk.S.slice(prefixOf(kind).length));
    } catch (error) {
      throw tableFailure(error);
    }
  },

  // What has ended meanwhile does not come back into the index.
  touch: (kind, id, at, invocation) =>
    change(table, [kind, id], 'SET due_at = :time', 'due = :kind', at, invocation),

  // What waits anew has a later time.
  drop: (kind, id, before, invocation) =>
    change(
      table,
      [kind, id],
      'REMOVE due, due_at',
      'due = :kind AND due_at < :time',
      before,
      invocation,
    ),
});

/** Changes the index's attributes of an item, as long as it waits for the same. */
const change = async (
  table: Table,
  [kind, id]: [kind: DueKind, id: string],
  UpdateExpression: string,
  ConditionExpression: string,
  time: number,
  invocation: Abortable,
): Promise<void> => {
  const write = {
    Key: { pk: { S: prefixOf(kind) + id } },
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeValues: marshall({ ':kind': kind, ':time': time }),
  };
  await isWritten(table, 'UpdateItem', write, invocation);
};

const prefixOf = (kind: DueKind) => (kind === 'event' || kind === 'wait' ? `${kind}#` : 'invite#');

type Found = { Items?: { pk: { S: string } }[] };
