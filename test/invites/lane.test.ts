import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateTable, laneCell } from '../../functions/aws/pace-table.ts';
import {
  createLane,
  intervalOf,
  type Pace,
  type PaceCell,
  type Ticket,
} from '../../functions/invites/gate.ts';
import { patience, runs } from '../support/depth.ts';
import { useDynalite } from '../support/dynalite.ts';
import { inTurn } from '../support/in-turn.ts';
import { INVOCATION } from '../support/invocation.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);
const NOW = 1_000_000;
const PACE = { ratePerMinute: 20 };

const newTable = useDynalite();

/** A ticket for somebody who has seen nothing of the lane yet. */
const takeTicket = (cell: PaceCell, pace: Pick<Pace, 'ratePerMinute'>, now: () => number) =>
  createLane(pace, now)(cell);

const freshLane = async () => laneCell(await newTable(), INVOCATION);
const paces = fc.record({ ratePerMinute: fc.constantFrom(1, 7, 20, 60, 1200) });

const inOrder = (tickets: Ticket[]) => tickets.toSorted((a, b) => a.notBefore - b.notBefore);

describe('the lane', () => {
  test(
    'gives tickets for every interval from now on, to however many ask at once',
    SLOW,
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          paces,
          fc.integer({ min: 1, max: 6 }),
          async (scheduler, pace, many) => {
            const { restart, advance } = await freshLane();
            const turn = inTurn(scheduler);
            const store = { restart: turn(restart), advance: turn(advance) };
            const taking = Array.from({ length: many }, () => takeTicket(store, pace, () => NOW));
            const tickets = inOrder(await scheduler.waitFor(Promise.all(taking)));
            expect(tickets).toEqual(
              tickets.map((_, place) => ({
                notBefore: NOW + place * intervalOf(pace),
                ahead: place,
              })),
            );
          },
        ),
        runs(25),
      );
    },
  );

  test(
    'keeps the interval whenever they come, and gives no ticket for the past',
    SLOW,
    async () => {
      const pauses = fc.array(fc.constantFrom(0, 0, 0.3, 1, 2.5), { minLength: 2, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(paces, pauses, async (pace, sequence) => {
          const store = await freshLane();
          let now = NOW;
          let last = Number.NEGATIVE_INFINITY;
          for (const pause of sequence) {
            now += Math.round(pause * intervalOf(pace));
            const { notBefore } = await takeTicket(store, pace, () => now);
            expect(notBefore).toBe(Math.max(now, last + intervalOf(pace)));
            last = notBefore;
          }
        }),
        runs(25),
      );
    },
  );

  test('keeps the interval between doors whose clocks differ', async () => {
    const store = await freshLane();
    const times = [NOW, NOW - 2000, NOW + 5000, NOW - 5000];
    const places: number[] = [];
    for (const now of times) places.push((await takeTicket(store, PACE, () => now)).notBefore);
    const gaps = places.slice(1).map((place, before) => place - (places[before] as number));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(3000);
  });

  test('begins anew once it is idle: the places of the past are no credit', async () => {
    const store = await freshLane();
    for (let place = 0; place < 3; place += 1) await takeTicket(store, PACE, () => NOW);
    const later = NOW + 3_600_000;
    expect(await takeTicket(store, PACE, () => later)).toEqual({ notBefore: later, ahead: 0 });
    expect(await takeTicket(store, PACE, () => later)).toEqual({
      notBefore: later + 3000,
      ahead: 1,
    });
  });

  test('tells how many are ahead, one who is nearly through among them', async () => {
    const store = await freshLane();
    for (let place = 0; place < 4; place += 1) await takeTicket(store, PACE, () => NOW);
    const ticket = await takeTicket(store, PACE, () => NOW + 2999);
    expect(ticket).toEqual({ notBefore: NOW + 12_000, ahead: 4 });
  });

  test('costs nothing at the gate', async () => {
    const table = await newTable();
    await takeTicket(laneCell(table, INVOCATION), PACE, () => NOW);
    expect((await gateTable(table).read(INVOCATION)).tat).toBe(0);
  });

  test('gives two doors that find it idle at the same moment different places', async () => {
    const store = await freshLane();
    let arrived = 0;
    let bothThere = () => {};
    const both = new Promise<void>((resolve) => {
      bothThere = resolve;
    });
    const racing: PaceCell = {
      ...store,
      restart: async (...values) => {
        arrived += 1;
        if (arrived === 2) bothThere();
        await both;
        return store.restart(...values);
      },
    };
    const take = () => takeTicket(racing, PACE, () => NOW);
    const tickets = inOrder(await Promise.all([take(), take()]));
    expect(tickets.map(({ notBefore }) => notBefore)).toEqual([NOW, NOW + 3000]);
  });

  test('is written once for a ticket, as long as nobody else takes one', async () => {
    const store = await freshLane();
    const writes: string[] = [];
    const counted: PaceCell = {
      restart: (...values) => {
        writes.push('restart');
        return store.restart(...values);
      },
      advance: (...values) => {
        writes.push('advance');
        return store.advance(...values);
      },
    };
    let now = NOW;
    const take = createLane(PACE, () => now);
    const places: number[] = [];
    for (const pause of [0, 0, 1000, 1000, 60_000, 0]) {
      now += pause;
      places.push((await take(counted)).notBefore - NOW);
    }
    expect(places).toEqual([0, 3000, 6000, 9000, 62_000, 65_000]);
    expect(writes).toEqual(['restart', 'advance', 'advance', 'advance', 'restart', 'advance']);
  });

  test('sends away whoever always comes too late, who may ask again', async () => {
    const store = { restart: async () => false, advance: async () => undefined };
    await expect(takeTicket(store, PACE, () => NOW)).rejects.toMatchObject({
      name: 'Unavailable',
      retryable: true,
      facts: { code: 'lane_busy', retryAfter: 1 },
    });
  });
});
