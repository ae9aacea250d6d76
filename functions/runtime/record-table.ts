import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { EventRecord, RecordStore } from '../webhooks/record.ts';
import { getItem, type Table, written } from './table.ts';

const DAY_S = 86_400;

/**
 * The event records in the stack's table: one item for an event and a rule.
 * @param retentionDays how long a record is kept after its last change.
 */
export const recordTable = (table: Table, retentionDays: number): RecordStore => {
  const { client, name: TableName, signal: abortSignal } = table;
  const ttl = () => Math.ceil(Date.now() / 1000) + retentionDays * DAY_S;

  const update = (
    id: string,
    set: Record<string, unknown>,
    { remove = [], onlyIf = 'attribute_exists(pk)' }: { remove?: string[]; onlyIf?: string } = {},
  ) => {
    const names = Object.keys(set);
    const command = new UpdateItemCommand({
      TableName,
      Key: { pk: { S: key(id) } },
      UpdateExpression: [
        `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ...(remove.length > 0 ? [`REMOVE ${remove.map((name) => `#${name}`).join(', ')}`] : []),
      ].join(' '),
      // Under each condition, what was erased meanwhile does not come back.
      ConditionExpression: onlyIf,
      ExpressionAttributeNames: Object.fromEntries(
        [...names, ...remove].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: marshall(
        Object.fromEntries(names.map((name) => [`:${name}`, set[name]])),
        { removeUndefinedValues: true },
      ),
    });
    return written(client.send(command, { abortSignal }));
  };

  return {
    async read(id) {
      const item = await getItem(table, key(id));
      if (!item) return undefined;
      const { pk: _, ttl: __, ...record } = item;
      return { ...record, id } as EventRecord;
    },

    add({ id, ...record }, replacing) {
      const command = new PutItemCommand({
        TableName,
        Item: marshall({ pk: key(id), ttl: ttl(), ...record }, { removeUndefinedValues: true }),
        ...(replacing === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'received_at = :replacing',
              ExpressionAttributeValues: { ':replacing': { S: replacing } },
            }),
      });
      return written(client.send(command, { abortSignal }));
    },

    async markStarted({ id, received_at }, at) {
      const set = { received_at, started: true, updated_at: at, ttl: ttl() };
      await update(id, set, { onlyIf: '#received_at = :received_at' });
    },

    async settle(id, end, at) {
      const set = { ...end, updated_at: at, ttl: ttl() };
      // An end takes the ask away, and without it a step that comes late changes nothing.
      const remove = end.status === 'pending_email' ? [] : ['ask'];
      await update(id, set, { remove, onlyIf: 'attribute_exists(ask)' });
    },
  };
};

const key = (id: string) => `event#${id}`;
