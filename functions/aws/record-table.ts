import { marshall } from '@aws-sdk/util-dynamodb';
import { DAY_S, REPETITIONS_MS } from '../lib/times.ts';
import type { Progress } from '../webhooks/receive-parts.ts';
import { canBeginAnew, type EventRecord, type RecordStore } from '../webhooks/record.ts';
import type { HeardStore } from '../webhooks/silence.ts';
import { dueAt, getItem, isWritten, type Table } from './table.ts';

/**
 * The event records in the stack's table: one item for an event and a rule.
 * @param retentionDays how long a record is kept after its last change.
 */
export const recordTable = (table: Table, retentionDays: number): RecordStore => {
  const ttl = () => Math.ceil(Date.now() / 1000) + retentionDays * DAY_S;

  return {
    async read(id, invocation) {
      const item = await getItem(table, key(id), invocation);
      if (!item) return undefined;
      const { pk: _, ttl: __, due, due_at, ...record } = item;
      return { ...record, id } as EventRecord;
    },

    add({ id, ...record }, replacing, invocation) {
      const write = {
        Item: marshall(
          { pk: key(id), ttl: ttl(), ...record, ...dueAt('event', record.updated_at) },
          { removeUndefinedValues: true },
        ),
        ...(replacing === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'received_at = :received_at AND #status = :status',
              ExpressionAttributeNames: { '#status': 'status' },
              ExpressionAttributeValues: marshall({
                ':received_at': replacing.received_at,
                ':status': replacing.status,
              }),
            }),
      };
      return isWritten(table, 'PutItem', write, invocation);
    },

    async keepOn({ id, received_at }, invocation) {
      const write = {
        Key: { pk: { S: key(id) } },
        UpdateExpression: 'SET #ttl = :ttl',
        ConditionExpression: 'received_at = :received_at',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: marshall({ ':ttl': ttl(), ':received_at': received_at }),
      };
      await isWritten(table, 'UpdateItem', write, invocation);
    },

    // Under each condition, what was erased meanwhile does not come back.
    async markStarted({ id, received_at }, at, invocation) {
      const write = {
        Key: { pk: { S: key(id) } },
        UpdateExpression: 'SET started = :started, updated_at = :at, #ttl = :ttl, due_at = :due_at',
        ConditionExpression: 'received_at = :received_at',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: marshall({
          ':started': true,
          ':at': at,
          ':due_at': Date.parse(at),
          ':ttl': ttl(),
          ':received_at': received_at,
        }),
      };
      await isWritten(table, 'UpdateItem', write, invocation);
    },

    settle(id, end, at, invocation) {
      const { status, invite, generation, error } = end as Partial<EventRecord>;
      const isEarly = status === 'pending_email';
      const isOver = status === 'sent' || status === 'failed';
      const isKept = isEarly || canBeginAnew({ ...(error && { error }) });
      const gone = [...(isKept ? [] : ['invitation']), ...(isOver ? ['due', 'due_at'] : [])];
      const set = [
        '#status = :status, updated_at = :at, #ttl = :ttl',
        ...(isOver ? [] : ['due_at = :due_at']),
        ...(invite === undefined ? [] : ['invite = :invite']),
        ...(generation === undefined ? [] : ['generation = :generation']),
        ...(error === undefined ? [] : ['#error = :error']),
      ];
      const write = {
        Key: { pk: { S: key(id) } },
        UpdateExpression: `SET ${set.join(', ')}${gone.length > 0 ? ` REMOVE ${gone.join(', ')}` : ''}`,
        // A step that comes late changes nothing of an event that has ended, nor does it bring one back
        // that waits in the queue.
        ConditionExpression: isEarly
          ? '#status IN (:received, :pending)'
          : '#status IN (:received, :pending, :queued)',
        ExpressionAttributeNames: {
          '#status': 'status',
          '#ttl': 'ttl',
          ...(error && { '#error': 'error' }),
        },
        ExpressionAttributeValues: marshall(
          {
            ':status': status,
            ':received': 'received',
            ':pending': 'pending_email',
            ':queued': isEarly ? undefined : 'queued',
            ':at': at,
            ':ttl': ttl(),
            ':invite': invite,
            ':generation': generation,
            ':error': error,
            ':due_at': isOver ? undefined : Date.parse(at),
          },
          { removeUndefinedValues: true },
        ),
      };
      return isWritten(table, 'UpdateItem', write, invocation);
    },
  };
};

/** How far large deliveries came: one item for each, beside the records of its events. */
export const progressTable = (table: Table): Progress => ({
  async read(delivery, invocation) {
    const item = await getItem(table, key(delivery), invocation);
    return item && item.ttl * 1000 > Date.now() ? item.done : 0;
  },

  async note(delivery, done, invocation) {
    const ttl = Math.ceil((Date.now() + REPETITIONS_MS) / 1000);
    await isWritten(
      table,
      'PutItem',
      { Item: marshall({ pk: key(delivery), ttl, done }) },
      invocation,
    );
  },
});

/** When each source was last heard of. Who writes later has heard it later, give or take the clocks. */
export const heardTable = (table: Table): HeardStore => ({
  async read(source, invocation) {
    const item = await getItem(table, heardKey(source), invocation);
    return item?.heard_at;
  },

  async note(source, at, invocation) {
    const Item = marshall({ pk: heardKey(source), heard_at: at });
    await isWritten(table, 'PutItem', { Item }, invocation);
  },
});

const key = (id: string) => `event#${id}`;
const heardKey = (source: string) => `heard#${source}`;
