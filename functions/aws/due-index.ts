import { marshall } from '@aws-sdk/util-dynamodb';
import type { DueIndex, DueKind } from '../webhooks/sweep.ts';
import { failure, isWritten, type Table } from './table.ts';

/** The sparse index of what waits for somebody, by the time of its last change. */
export const DUE_INDEX = 'due';
/** The sparse index of the newest invites. */
export const LIST_INDEX = 'list';

/** @returns the index's attributes of an item that waits. @param at ISO 8601 */
export const dueAt = (kind: DueKind, at: string) => ({ due: kind, due_at: Date.parse(at) });

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
      throw failure(error);
    }
  },

  async touch(kind, id, at, invocation) {
    const write = {
      Key: { pk: { S: prefixOf(kind) + id } },
      UpdateExpression: 'SET due_at = :at',
      // What has ended meanwhile does not come back into the index.
      ConditionExpression: 'attribute_exists(due)',
      ExpressionAttributeValues: marshall({ ':at': at }),
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },

  async drop(kind, id, before, invocation) {
    const write = {
      Key: { pk: { S: prefixOf(kind) + id } },
      UpdateExpression: 'REMOVE due, due_at',
      // What waits anew has a later time.
      ConditionExpression: 'due_at < :before',
      ExpressionAttributeValues: marshall({ ':before': before }),
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },
});

const prefixOf = (kind: DueKind) => (kind === 'event' ? 'event#' : 'invite#');

type Found = { Items?: { pk: { S: string } }[] };
