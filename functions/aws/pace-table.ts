import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { GateStore } from '../invites/gate.ts';
import type { LaneStore } from '../invites/lane.ts';
import { METHOD } from '../slack/method.ts';
import type { Table } from './table.ts';
import { getItem, unlessRefused } from './table.ts';

/** That nobody is ahead: the condition under which a pace begins anew. */
export const IDLE = '(attribute_not_exists(tat) OR tat < :now)';

/** An item whose attributes are numbers, changed by conditional updates only. */
export const pacingItem = (table: Table, pk: string) => ({
  /** @returns the attributes changed, or undefined if the condition did not hold. */
  async update(
    change: string,
    condition: string,
    values: Record<string, number>,
  ): Promise<Record<string, number> | undefined> {
    const command = new UpdateItemCommand({
      TableName: table.name,
      Key: { pk: { S: pk } },
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, { N: String(value) }]),
      ),
      ReturnValues: 'UPDATED_NEW',
    });
    const answer = await unlessRefused(table.client.send(command, { abortSignal: table.signal }));
    if (!answer) return undefined;
    const changed = Object.entries(answer.Attributes ?? {});
    return Object.fromEntries(changed.map(([name, { N }]) => [name, Number(N)]));
  },

  async read(): Promise<Record<string, number>> {
    const { pk: _, ...numbers } = (await getItem(table, pk)) ?? {};
    return numbers as Record<string, number>;
  },
});

const EMAILS_FREE = '(attribute_not_exists(emails_held_until) OR emails_held_until <= :now)';

/** The gate in the stack's table: one item, changed by conditional updates only. */
export const gateTable = (table: Table): GateStore => {
  const item = pacingItem(table, `gate#${METHOD}`);
  const lane = pacingItem(table, LANE);
  const taking = (condition: string, emails: boolean) =>
    emails ? `${condition} AND ${EMAILS_FREE}` : condition;
  const raise = (attribute: string, value: number, of = item) =>
    of.update(
      `SET ${attribute} = :value`,
      `attribute_not_exists(${attribute}) OR ${attribute} < :value`,
      { value },
    );

  return {
    restart: async (now, interval, emails) =>
      (await item.update('SET tat = :next', taking(IDLE, emails), {
        now,
        next: now + interval,
      })) !== undefined,
    async advance(now, latest, interval, emails) {
      const changed = await item.update(
        'SET tat = tat + :interval',
        taking('tat BETWEEN :now AND :latest', emails),
        { now, latest, interval },
      );
      return changed?.tat;
    },
    async read() {
      const { tat = 0, held_until = 0, emails_held_until = 0 } = await item.read();
      return { tat, heldUntil: held_until, emailsHeldUntil: emails_held_until };
    },
    async hold(until, next) {
      await raise('tat', next);
      await raise('held_until', until);
      await raise('tat', until, lane);
    },
    async holdEmails(until) {
      await raise('emails_held_until', until);
      await raise('tat', until, lane);
    },
  };
};

/** The key of the lane's item. */
export const LANE = `lane#${METHOD}`;

/** The lane in the stack's table: one item, changed by conditional updates only. */
export const laneTable = (table: Table): LaneStore => {
  const item = pacingItem(table, LANE);
  return {
    restart: async (now, interval) =>
      (await item.update('SET tat = :next', IDLE, { now, next: now + interval })) !== undefined,
    async advance(now, interval) {
      const values = { now, interval };
      return (await item.update('SET tat = tat + :interval', 'tat >= :now', values))?.tat;
    },
  };
};
