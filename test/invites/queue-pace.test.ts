import { afterAll, beforeAll, expect, test } from 'vitest';
import { InviteError } from '../../functions/invites/errors.ts';
import { intervalOf } from '../../functions/invites/gate.ts';
import { takeTicket } from '../../functions/invites/lane.ts';
import { createSendInvite } from '../../functions/invites/send.ts';
import { createSendQueued } from '../../functions/invites/send-queued.ts';
import { gateTable } from '../../functions/runtime/gate-table.ts';
import { laneTable } from '../../functions/runtime/lane-table.ts';
import { ledgerTable } from '../../functions/runtime/ledger-table.ts';
import { BUCKET_CAPACITY, createLimiter } from '../../infra/local/slack/limiter.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { askForSomeone, DOOR } from './asks.ts';
import { createQueueing } from './queueing.ts';
import { ACCEPTED, OPEN, observer } from './sending.ts';

const SLACK_MS = 150;

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

// In virtual time, so that the figures are those of the algorithm and not of a machine.
test.each([
  { ratePerMinute: 20, backlog: 120, everyMs: 20_000 },
  { ratePerMinute: 1200, backlog: 300, everyMs: 1000 },
])(
  'a backlog of $backlog at $ratePerMinute a minute uses at least 95 % of the pace, meets no 429, and interactive callers wait an interval at most',
  { timeout: 60_000 },
  async ({ ratePerMinute, backlog, everyMs }) => {
    const table = await dynalite.table();
    const pace = { ratePerMinute, burst: 5 };
    const world = createQueueing({
      ledgerStore: ledgerTable(table),
      gateStore: gateTable(table),
      pace,
    });
    const { clock, inviteShared } = world;
    const ports = { ...world.ports, policy: OPEN };
    const lane = laneTable(table);
    const limiter = createLimiter(BUCKET_CAPACITY, ratePerMinute, clock.now);
    const calls: number[] = [];
    inviteShared.mockImplementation(async () => {
      const wait = limiter.take('app');
      calls.push(clock.now());
      await clock.sleep(SLACK_MS);
      if (wait > 0)
        return { kind: 'rate_limited', code: 'ratelimited', retryAfter: wait, warnings: [] };
      return ACCEPTED;
    });
    const lasting = () => ({
      deadline: clock.now() + 18_000,
      leaseUntil: clock.now() + 25_000,
      observe: observer(),
    });
    const again = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await ask();
        } catch (error) {
          if (!(error instanceof InviteError) || error.name !== 'RateLimited') throw error;
          await clock.sleep((error.facts.retryAfter as number) * 1000);
        }
      }
    };

    let waiting = backlog;
    const execution = async () => {
      const queued = await world.enqueue(askForSomeone());
      const { notBefore } = await takeTicket(lane, pace, clock.now);
      await clock.sleep(notBefore - clock.now());
      await again(() => createSendQueued(ports).send(queued, notBefore, lasting()));
      waiting -= 1;
    };

    const waits: number[] = [];
    const interactive = async () => {
      while (waiting > 0) {
        await clock.sleep(everyMs);
        const turn = lasting();
        await createSendInvite(ports)(askForSomeone(), { source: DOOR, ...turn });
        waits.push(turn.observe.gateWait.mock.calls[0]?.[0]);
      }
    };

    await clock.run([...Array.from({ length: backlog }, () => execution), interactive]);

    const answers = await Promise.all(inviteShared.mock.results.map(({ value }) => value));
    expect(answers.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
    expect(calls).toHaveLength(backlog + waits.length);

    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(intervalOf(pace));

    // Without the burst at the beginning, and without the last ones, who find the gate idle.
    const sorted = calls.toSorted((a, b) => a - b).slice(20, -20);
    const minutes = ((sorted.at(-1) as number) - (sorted[0] as number)) / 60_000;
    expect((sorted.length - 1) / minutes).toBeGreaterThan(0.95 * ratePerMinute);
  },
);
