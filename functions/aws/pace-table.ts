import { marshall } from '@aws-sdk/util-dynamodb';
import type { Block, BlockStore } from '../invites/block.ts';
import type { GateStore, PaceCell } from '../invites/gate.ts';
import type { Abortable } from '../invites/invocation.ts';
import type { QueueKey } from '../invites/queue.ts';
import { METHOD } from '../slack/method.ts';
import { conditional, getItem, isWritten, type Table } from './table.ts';

/** The key of the lane's item. */
export const LANE = `lane#${METHOD}`;
/** The key of the gate's item. */
export const GATE = `gate#${METHOD}`;

/** That nobody is ahead: the condition under which a pace begins anew. */
const IDLE = '(attribute_not_exists(tat) OR tat < :now)';
const EMAILS_FREE = '(attribute_not_exists(emails_held_until) OR emails_held_until <= :now)';

/** The lane in the stack's table: one item. */
export const laneCell = (table: Table, invocation: Abortable): PaceCell =>
  cellOf(table, LANE, invocation);

/** @returns when the lane's next place is, in epoch milliseconds. */
export const nextInLane = async (table: Table, invocation: Abortable): Promise<number> => {
  const { tat = 0 } = (await getItem(table, LANE, invocation)) ?? {};
  return Number(tat);
};

/**
 * Notes with a queued request when its turn is expected. Nothing depends on it.
 * @param queued without a generation: unless somebody has noted a time already.
 */
export const noteTicket = async (
  table: Table,
  { id, generation }: Pick<QueueKey, 'id'> & Partial<QueueKey>,
  at: number,
  invocation: Abortable,
): Promise<void> => {
  await update(table, `invite#${id}`, invocation, {
    change: 'SET queue.not_before = :at, not_before = :at',
    ...(generation === undefined
      ? {
          condition: 'attribute_exists(queue) AND attribute_not_exists(not_before)',
          values: { at },
        }
      : { condition: 'queue.generation = :generation', values: { at, generation } }),
  });
};

/**
 * The gate in the stack's table: one item.
 * @param told takes all attributes of the item with each place that is taken, if somebody wants them: it
 *   costs no request.
 */
export const gateTable = (table: Table, told?: (item: Item) => void): GateStore => {
  const raise = (pk: string, attribute: string, value: number, invocation: Abortable) =>
    update(table, pk, invocation, {
      change: `SET ${attribute} = :value`,
      condition: `attribute_not_exists(${attribute}) OR ${attribute} < :value`,
      values: { value },
    });

  return {
    cell: (emails, invocation) =>
      cellOf(table, GATE, invocation, { also: emails ? EMAILS_FREE : '', told }),
    async read(invocation) {
      const {
        tat = 0,
        held_until = 0,
        emails_held_until = 0,
      } = (await getItem(table, GATE, invocation)) ?? {};
      return {
        tat: Number(tat),
        heldUntil: Number(held_until),
        emailsHeldUntil: Number(emails_held_until),
      };
    },
    async hold(until, next, invocation) {
      await raise(GATE, 'tat', next, invocation);
      await raise(GATE, 'held_until', until, invocation);
      await raise(LANE, 'tat', until, invocation);
    },
    async holdEmails(until, invocation) {
      await raise(GATE, 'emails_held_until', until, invocation);
      await raise(LANE, 'tat', until, invocation);
    },
  };
};

type More = {
  /** A condition of every place. */
  also?: string;
  told?: ((item: Item) => void) | undefined;
};

/** A cell in an item, changed by conditional updates only. */
const cellOf = (
  table: Table,
  pk: string,
  invocation: Abortable,
  { also, told }: More = {},
): PaceCell => {
  const take = (change: string, condition: string, values: Record<string, number>) =>
    update(table, pk, invocation, {
      change,
      condition: also ? `${condition} AND ${also}` : condition,
      values,
      told,
    });
  return {
    restart: async (now, interval) =>
      (await take('SET tat = :next', IDLE, { now, next: now + interval })) !== undefined,
    advance: (now, latest, interval) =>
      take('SET tat = tat + :interval', 'tat BETWEEN :now AND :latest', { now, latest, interval }),
  };
};

type Update = {
  change: string;
  condition: string;
  values: Record<string, number>;
  told?: More['told'];
};

/** @returns `tat` as it is now (0 where it was not changed), or undefined if the condition failed. */
const update = async (
  table: Table,
  pk: string,
  invocation: Abortable,
  { change, condition, values, told }: Update,
): Promise<number | undefined> => {
  const write = {
    Key: { pk: { S: pk } },
    UpdateExpression: change,
    ConditionExpression: condition,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`:${key}`, { N: String(value) }]),
    ),
    ReturnValues: told ? 'ALL_NEW' : 'UPDATED_NEW',
  };
  const answer = await conditional<Updated>(table, 'UpdateItem', write, invocation);
  if (answer?.Attributes) told?.(answer.Attributes);
  return answer && Number(answer.Attributes?.tat?.N ?? 0);
};

type Updated = { Attributes?: Item };
/** As DynamoDB has it: `{"name": {"S": "text"}}`. */
type Item = Record<string, { S?: string; N?: string }>;

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
    await isWritten(table, 'PutItem', { Item }, invocation);
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
    await isWritten(table, 'DeleteItem', { Key }, invocation);
  },
});
