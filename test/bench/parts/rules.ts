import { longDelivery } from '../events.ts';
import { startFunction } from '../function-process.ts';
import { digits, type Findings, NONE } from '../report.ts';
import { inRounds, median, ratio } from '../rounds.ts';
import type { World } from '../world.ts';

const EVENTS = 1000;
const WARM_UP = 3;

/** The processor's time for a delivery of many events: two expressions each, and nothing that is kept. */
export const rules = async (world: World, rounds: number): Promise<Findings> => {
  const builds = Object.keys(world.builds) as ('now' | 'base')[];
  const running = await Promise.all(
    builds.map(async (build) => {
      const one = await startFunction(world.ours(build, 'hr-webhook').spec);
      for (let call = 0; call < WARM_UP; call += 1) await one.invoke(longDelivery(EVENTS));
      return [build, one] as const;
    }),
  );
  try {
    const figures: Partial<Record<'now' | 'base', number[]>> = await inRounds(
      rounds,
      Object.fromEntries(
        running.map(([build, one]) => [
          build,
          async () => {
            const before = one.cpuMs();
            await one.invoke(longDelivery(EVENTS));
            return one.cpuMs() - before;
          },
        ]),
      ),
    );
    const ofBase = figures.base && ratio(figures.now ?? [], figures.base);
    const middle = (times: number[] | undefined) => digits(times && median(times), 0);
    return {
      rows: [
        {
          what: `an HR delivery of ${EVENTS.toLocaleString('en')} events, processor time, of the base's`,
          base: figures.base ? '1.00' : NONE,
          now: digits(ofBase, 2),
          goal: '≤ 0.57',
        },
        {
          what: 'the same, in ms',
          base: middle(figures.base),
          now: middle(figures.now),
          goal: NONE,
        },
      ],
    };
  } finally {
    await Promise.all(running.map(([, one]) => one.stop()));
  }
};
