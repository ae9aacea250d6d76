import type { Clock } from '../../infra/local/lib/clock.ts';

/** 23 November 2025, 03:00 UTC. */
export const EPOCH = Date.UTC(2025, 10, 23, 3);

/** A clock that jumps from one alarm to the next. */
export function createVirtualClock(): Clock & {
  /** Lets time go on until `isDone`, or until nothing is left to wait for. */
  run: (isDone?: () => boolean) => Promise<void>;
  /** How many alarms are set. */
  alarms: () => number;
} {
  let now = EPOCH;
  const alarms = new Set<{ time: number; ring: () => void }>();
  return {
    now: () => now,
    at: (time, ring) => {
      if (time === Infinity) return () => {};
      const alarm = { time, ring };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    alarms: () => alarms.size,
    run: async (isDone = () => false) => {
      for (;;) {
        // What goes on by itself comes to rest first.
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
        const [next] = [...alarms].toSorted((one, other) => one.time - other.time);
        if (isDone() || !next) return;
        now = Math.max(now, next.time);
        alarms.delete(next);
        next.ring();
      }
    },
  };
}
