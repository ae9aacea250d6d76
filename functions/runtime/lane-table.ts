import type { LaneStore } from '../invites/lane.ts';
import { METHOD } from '../slack/method.ts';
import { IDLE, pacingItem } from './pacing-item.ts';
import type { Table } from './table.ts';

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
