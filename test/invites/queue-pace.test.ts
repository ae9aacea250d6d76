import { expect, test } from 'vitest';
import { laneCell } from '../../functions/aws/pace-table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { createLane, intervalOf } from '../../functions/invites/gate.ts';
import { BUCKET_CAPACITY, createLimiter } from '../../infra/local/slack/limiter.ts';
import { ACCEPTED } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createWorld } from '../support/world.ts';

const SLACK_MS = 150;

type Setting = {
  ratePerMinute: number;
  burst: number;
  backlog: number;
  /** Between two interactive callers. */
  everyMs: number;
  /** Slack says so to the call of this number, and to come back after so many seconds. */
  hold?: { code: 'ratelimited' | 'ratelimit'; atCall: number; seconds: number };
};

const START_UP_MS = 150;

/** As good as random, and the same in every run: https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
const startUpTimes = (): (() => number) => {
  let state = 20_261_128;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state % START_UP_MS;
  };
};

/** A backlog and interactive callers beside it, in virtual time: the figures are the algorithm's, not a machine's. */
const simulate = async ({ ratePerMinute, burst, backlog, everyMs, hold }: Setting) => {
  const table = await newTable();
  const pace = { ratePerMinute, burst };
  const startUp = startUpTimes();
  const { clock, inviteShared, invoke, enqueue } = createWorld({ table, pace });
  const lane = laneCell(table, INVOCATION);
  const takeTicket = createLane(pace, clock.now);
  const nextPlace = async () => (await takeTicket(lane)).notBefore;
  const limiter = createLimiter(BUCKET_CAPACITY, ratePerMinute, clock.now);
  const calls: number[] = [];
  inviteShared.mockImplementation(async () => {
    const isHeld = hold?.atCall === calls.length;
    const wait = isHeld ? hold.seconds : limiter.take('app');
    calls.push(clock.now());
    await clock.sleep(SLACK_MS);
    if (wait === 0) return ACCEPTED;
    const code = isHeld ? hold.code : 'ratelimited';
    return { kind: 'rate_limited', code, retryAfter: wait, warnings: [] };
  });
  const again = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof InviteError) || error.name !== 'RateLimited') throw error;
        await clock.sleep((error.facts.retryAfter as number) * 1000);
      }
    }
  };

  let waiting = backlog;
  const turns: number[] = [];
  const execution = async () => {
    const queued = await enqueue(newRequest());
    const { notBefore } = await takeTicket(lane);
    // As on AWS: a Wait state drops the milliseconds, and a function takes its time to start.
    await clock.sleep(Math.max(Math.floor(notBefore / 1000) * 1000 - clock.now(), 0));
    await again(async () => {
      await clock.sleep(startUp());
      turns.push(clock.now());
      const { sendQueued, invocation } = invoke({ nextPlace });
      return sendQueued.send(queued, notBefore, invocation);
    });
    waiting -= 1;
  };

  const waits: number[] = [];
  const interactive = async () => {
    while (waiting > 0) {
      await clock.sleep(everyMs);
      const request = newRequest();
      await again(async () => {
        const { send, invocation } = invoke();
        const gateWait = (ms: number) => void waits.push(ms);
        await send(request, CALLER, {
          ...invocation,
          observe: { ...invocation.observe, gateWait },
        });
      });
    }
  };

  await clock.run([...Array.from({ length: backlog }, () => execution), interactive]);
  const answers = await Promise.all(inviteShared.mock.results.map(({ value }) => value));
  return { pace, calls, turns, waits, refused: answers.filter(({ kind }) => kind !== 'accepted') };
};

/** Calls a minute, without the burst at the beginning and the last ones, who find the gate idle. */
const rateOf = (calls: number[]): number => {
  const sorted = calls.toSorted((a, b) => a - b).slice(20, -20);
  const minutes = ((sorted.at(-1) as number) - (sorted[0] as number)) / 60_000;
  return (sorted.length - 1) / minutes;
};

test.each([
  { ratePerMinute: 20, burst: 5, backlog: 120, everyMs: 20_000 },
  { ratePerMinute: 20, burst: 2, backlog: 120, everyMs: 20_000 },
  { ratePerMinute: 1200, burst: 5, backlog: 300, everyMs: 1000 },
])(
  'a backlog of $backlog at $ratePerMinute a minute and a burst of $burst uses at least 95 % of the pace, meets no 429, and interactive callers wait an interval at most',
  { timeout: 60_000 },
  async (setting) => {
    const { pace, calls, turns, waits, refused } = await simulate(setting);
    expect(refused).toEqual([]);
    expect(calls).toHaveLength(setting.backlog + waits.length);
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(intervalOf(pace));
    expect(rateOf(calls)).toBeGreaterThan(0.95 * setting.ratePerMinute);
    // An ask whose place was taken asks once more, and not again and again.
    expect(turns.length).toBeLessThan(setting.backlog + 2 * waits.length);
  },
);

test.each(['ratelimited', 'ratelimit'] as const)(
  'a backlog that Slack holds off for a while by %s comes back at its pace, and not in a crowd',
  {
    timeout: 60_000,
  },
  async (code) => {
    // Longer than the whole backlog would take: every ask is refused, and none has a place after it yet.
    const hold = { code, atCall: 10, seconds: 600 };
    const setting = { ratePerMinute: 20, burst: 5, backlog: 100, everyMs: 20_000, hold };
    const { calls, turns, waits, refused } = await simulate(setting);
    expect(refused).toHaveLength(1);
    expect(calls).toHaveLength(setting.backlog + waits.length + 1);

    const reopened = (calls[hold.atCall] as number) + hold.seconds * 1000;
    const after = calls.filter((at) => at >= reopened);
    expect(after).toHaveLength(calls.length - hold.atCall - 1);
    expect(rateOf(after)).toBeGreaterThan(0.95 * setting.ratePerMinute);

    // Three times as many as there is room for, in any of the minutes after.
    for (const from of turns.filter((at) => at >= reopened)) {
      const crowd = turns.filter((at) => at >= from && at < from + 60_000);
      expect(crowd.length).toBeLessThanOrEqual(3 * setting.ratePerMinute);
    }
    expect(turns.length).toBeLessThan(3 * setting.backlog);
  },
);
