import type { GateStore } from '../invites/gate.ts';
import { METHOD } from '../slack/method.ts';
import { LANE } from './lane-table.ts';
import { IDLE, pacingItem } from './pacing-item.ts';
import type { Table } from './table.ts';

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
