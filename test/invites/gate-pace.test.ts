import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateTable } from '../../functions/aws/pace-table.ts';
import { createGate, type GateStore, intervalOf, type Pace } from '../../functions/invites/gate.ts';
import { patience, runs } from '../support/depth.ts';
import { inOneInvocation } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);

const freshStore = async () => gateTable(await newTable());
const gateOf = (...args: Parameters<typeof createGate>) => inOneInvocation(createGate(...args));

const paces = fc.record({
  ratePerMinute: fc.constantFrom(1, 7, 20, 60, 1200),
  burst: fc.integer({ min: 1, max: 6 }),
});

/** Of all windows between two calls, each has at most burst + rate · t of them. */
const expectPaced = (times: number[], { ratePerMinute, burst }: Pace) => {
  const sorted = times.toSorted((a, b) => a - b);
  for (const [first, start] of sorted.entries()) {
    for (const [last, end] of sorted.entries()) {
      if (last < first) continue;
      const permitted = burst + (ratePerMinute * (end - start)) / 60_000;
      expect(last - first + 1).toBeLessThanOrEqual(permitted + 1e-9);
    }
  }
};

/** Each access takes a while, on the way there and back, and the time of every place taken is noted. */
const distant = (
  store: GateStore,
  { sleep }: VirtualClock,
  ms: number,
  taken: number[],
  pace: Pace,
) => {
  const far = async <T>(access: () => Promise<T>): Promise<T> => {
    await sleep(ms);
    const answer = await access();
    await sleep(ms);
    return answer;
  };
  return {
    ...store,
    cell: (...args) => {
      const cell = store.cell(...args);
      return {
        restart: async (now, ...rest) => {
          const took = await far(() => cell.restart(now, ...rest));
          if (took) taken.push(now);
          return took;
        },
        advance: async (now, ...rest) => {
          const tat = await far(() => cell.advance(now, ...rest));
          if (tat !== undefined) taken.push(Math.max(now, tat - pace.burst * intervalOf(pace)));
          return tat;
        },
      };
    },
    read: (...args) => far(() => store.read(...args)),
  } satisfies GateStore;
};

describe('the pace', () => {
  test(
    'holds in every window, however many doors ask at once and however far the table is',
    SLOW,
    async () => {
      const door = fc.record({
        distanceMs: fc.constantFrom(0, 0, 3, 400),
        // In intervals, so that all paces meet both crowds and pauses.
        pauses: fc.array(fc.constantFrom(0, 0, 0.3, 1, 4), { minLength: 1, maxLength: 6 }),
      });
      await fc.assert(
        fc.asyncProperty(
          paces,
          fc.array(door, { minLength: 1, maxLength: 4 }),
          async (pace, doors) => {
            const clock = createVirtualClock();
            const store = await freshStore();
            const taken: number[] = [];
            let passed = 0;
            await clock.run(
              doors.map(({ distanceMs, pauses }) => async () => {
                const gate = gateOf(distant(store, clock, distanceMs, taken, pace), pace, clock);
                for (const pause of pauses) {
                  await clock.sleep(Math.round(pause * intervalOf(pace)));
                  await gate.pass(true, Number.POSITIVE_INFINITY).then(
                    () => {
                      passed += 1;
                    },
                    (error) => expect(error).toMatchObject({ name: 'RateLimited' }),
                  );
                }
              }),
            );
            expect(taken.length).toBe(passed);
            expect(passed).toBeGreaterThan(0);
            expectPaced(taken, pace);
          },
        ),
        runs(25),
      );
    },
  );

  test('lets exactly the burst through at one moment', async () => {
    await fc.assert(
      fc.asyncProperty(paces, async (pace) => {
        const clock = createVirtualClock();
        const gate = gateOf(await freshStore(), pace, clock);
        for (let place = 0; place < pace.burst; place += 1) {
          expect(await gate.pass(true, clock.now())).toBe(0);
        }
        await expect(gate.pass(true, clock.now())).rejects.toMatchObject({ name: 'RateLimited' });
      }),
      runs(10),
    );
  });

  test('lets one call through an interval once the burst is used up, and a waiting one pays it', async () => {
    const pace = { ratePerMinute: 20, burst: 2 };
    const clock = createVirtualClock();
    const gate = gateOf(await freshStore(), pace, clock);
    await clock.run([
      async () => {
        const waits = [];
        for (let call = 0; call < 5; call += 1) waits.push(await gate.pass(true, Infinity));
        expect(waits).toEqual([0, 0, 3000, 3000, 3000]);
      },
    ]);
  });
});

describe('with the real clock', () => {
  test('20 parallel calls at a fast gate keep its pace, and the burst at least passes', async () => {
    const pace = { ratePerMinute: 6000, burst: 15 };
    const taken: number[] = [];
    const clock = createVirtualClock();
    const store = distant(await freshStore(), { ...clock, sleep: async () => {} }, 0, taken, pace);
    const gate = gateOf(store, pace);
    const passes = Array.from({ length: 20 }, () => gate.pass(true, Date.now() + 1000));
    const passed = (await Promise.allSettled(passes)).filter(
      ({ status }) => status === 'fulfilled',
    );
    expect(passed.length).toBeGreaterThanOrEqual(pace.burst);
    expect(taken).toHaveLength(passed.length);
    expectPaced(taken, pace);
  });

  test('of 20 parallel calls at a slow gate that wait for nothing, exactly the burst passes', async () => {
    const gate = gateOf(await freshStore(), { ratePerMinute: 1, burst: 5 });
    const passes = Array.from({ length: 20 }, () => gate.pass(true, Date.now()));
    const results = await Promise.allSettled(passes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });
});
