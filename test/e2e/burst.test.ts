import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { watchSlowness } from '../support/machine.ts';
import { ASYNC, executionsOf } from '../support/queue.ts';

/** A minute, on both sides: sixty times the pace of every day, so that the backlog takes half a minute. */
const RATE = 1200;
const BACKLOG = 500;
/** Doors of a caller's own program, at once. */
const DOORS = 10;

let run: LocalRun;
beforeEach(async () => {
  run = await startLocalRun({ config: { ratePerMinute: RATE, burst: 5 }, slackRate: RATE });
});
afterEach(() => run.close());

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const request = (name: string) => ({ channel: CHANNEL, emails: [`${name}@partner.example`] });

/** Asks for the whole backlog. */
const requestAll = async () => {
  let next = 0;
  const door = async () => {
    while (next < BACKLOG) {
      next += 1;
      expect((await run.post(request(`backlog.${next}`), ASYNC)).status).toBe(202);
    }
  };
  await Promise.all(Array.from({ length: DOORS }, door));
};

/** One person after another who wants the answer at once, and comes back when told to. */
const interactive = async (isOver: () => boolean) => {
  const waits: number[] = [];
  let refusals = 0;
  for (let person = 0; !isOver(); person += 1) {
    await sleep(1000);
    for (let asked = false; !asked; ) {
      const start = performance.now();
      const { status, body } = await run.post(request(`interactive.${person}`));
      asked = status === 201;
      if (asked) {
        waits.push(performance.now() - start);
      } else {
        expect([status, body.class, body.retryable]).toEqual([429, 'RateLimited', true]);
        refusals += 1;
        await sleep(Number(body.retry_after) * 1000);
      }
    }
  }
  return { waits: waits.toSorted((a, b) => a - b), refusals };
};

/** How many calls had reached Slack, at some time between the question and the answer. */
const watch = async (isOver: () => boolean) => {
  const seen: Sample[] = [];
  while (!isOver()) {
    const asked = performance.now();
    const calls = await run.slackCalls();
    seen.push({ asked, calls, answered: performance.now() });
    await sleep(200);
  }
  return seen;
};

test('a burst of 500 requests goes out at the pace that Slack allows, and not one call too many', {
  timeout: 600_000,
}, async () => {
  const slownessMeanwhile = watchSlowness();
  let over = false;
  const watching = watch(() => over);
  const meanwhile = interactive(() => over);
  await requestAll();
  await expect
    .poll(async () => (await executionsOf(run, 'RUNNING')).length, {
      timeout: 500_000,
      interval: 500,
    })
    .toBe(0);
  over = true;
  const { waits, refusals } = await meanwhile;
  const seen = await watching;
  const slowness = await slownessMeanwhile();

  // Slack's own limit is the same pace: it would have said 429 to a call too many.
  const calls = (await run.sandbox('GET', 'calls')) as Record<string, { answers: object }>;
  expect(calls['conversations.inviteShared']?.answers).toEqual({ ok: BACKLOG + waits.length });
  const mails = (await run.sandbox('GET', 'mailbox')) as { recipient_email: string }[];
  expect(new Set(mails.map((mail) => mail.recipient_email)).size).toBe(BACKLOG + waits.length);

  // From when 60 were out, burst and cold starts behind them, to when 60 were left.
  const first = seen.find(({ calls }) => calls >= 60);
  const last = seen.findLast(({ calls }) => calls <= BACKLOG - 60);
  const perMinute = rate(first, last);
  const gateWaits = gateWaitsOf(run.lines);
  if (process.env.SHOW_FIGURES) {
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
    console.log({ perMinute, refusals, asked: waits.length, slowness });
    console.log({ gateWait: median(gateWaits), longest: Math.max(...gateWaits) });
    console.log({ answer: median(waits), longest: waits.at(-1) });
  }
  expect(gateWaits).toHaveLength(waits.length);
  // An interval and a second is what the gate promises; an interval is what docs/workflow.md derives.
  expect(Math.max(...gateWaits)).toBeLessThan((60_000 / RATE + 1000) * slowness.worst);
  // Without a machine, test/invites/queue-pace.test.ts has the same.
  expect(perMinute).toBeGreaterThan((0.95 * RATE) / slowness.mean);
});

/** The gate's waits of the calls at the HTTP door, by their metrics records, in milliseconds. */
const gateWaitsOf = (lines: string[]): number[] =>
  lines
    .filter((line) => line.includes('"GateWait"'))
    .map((line) => JSON.parse(line))
    .filter((record) => record.function === 'invite-api' && record.outcome === 'sent')
    .flatMap(({ GateWait }) => GateWait as number[]);

type Sample = { asked: number; calls: number; answered: number };

/** Calls a minute, at least. */
const rate = (first: Sample | undefined, last: Sample | undefined): number => {
  if (!first || !last) throw new Error('nothing was seen');
  return ((last.calls - first.calls) * 60_000) / (last.answered - first.asked);
};
