import type { GateStore, PaceCell } from '../invites/gate.ts';
import type { Abortable } from '../invites/invocation.ts';
import { METHOD } from '../slack/method.ts';
import { conditional, getItem, type Table } from './table.ts';

/** The key of the lane's item. */
export const LANE = `lane#${METHOD}`;
const GATE = `gate#${METHOD}`;

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

/** The gate in the stack's table: one item. */
export const gateTable = (table: Table): GateStore => {
  const raise = (pk: string, attribute: string, value: number, invocation: Abortable) =>
    update(table, pk, invocation, {
      change: `SET ${attribute} = :value`,
      condition: `attribute_not_exists(${attribute}) OR ${attribute} < :value`,
      values: { value },
    });

  return {
    cell: (emails, invocation) => cellOf(table, GATE, invocation, emails ? EMAILS_FREE : ''),
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

/** A cell in an item, changed by conditional updates only. @param also a condition of every place. */
const cellOf = (table: Table, pk: string, invocation: Abortable, also = ''): PaceCell => {
  const take = (change: string, condition: string, values: Record<string, number>) =>
    update(table, pk, invocation, {
      change,
      condition: also ? `${condition} AND ${also}` : condition,
      values,
    });
  return {
    restart: async (now, interval) =>
      (await take('SET tat = :next', IDLE, { now, next: now + interval })) !== undefined,
    advance: (now, latest, interval) =>
      take('SET tat = tat + :interval', 'tat BETWEEN :now AND :latest', { now, latest, interval }),
  };
};

type Update = { change: string; condition: string; values: Record<string, number> };

/** @returns `tat` as it is now (0 where it was not changed), or undefined if the condition failed. */
const update = async (
  table: Table,
  pk: string,
  invocation: Abortable,
  { change, condition, values }: Update,
): Promise<number | undefined> => {
  const write = {
    Key: { pk: { S: pk } },
    UpdateExpression: change,
    ConditionExpression: condition,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [`:${key}`, { N: String(value) }]),
    ),
    ReturnValues: 'UPDATED_NEW',
  };
  const answer = await conditional<Updated>(table, 'UpdateItem', write, invocation);
  return answer && Number(answer.Attributes?.tat?.N ?? 0);
};

type Updated = { Attributes?: { tat?: { N: string } } };
