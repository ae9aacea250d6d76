import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Delivery, deliveryOf } from '../support/deliveries.ts';
import { eventExecutions, eventRecords, newcomer, untilIdle } from '../support/hr-events.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { slowness } from '../support/machine.ts';
import type { Person } from '../support/provider-samples.ts';

const DELIVERIES = 200;
const AT_ONCE = 20;
/** What Okta and Personio wait for an answer; nobody waits less. */
const LIMIT_MS = 3000;

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

type Answer = { status: number; ms: number };

const timed = async (delivery: Delivery, to = run): Promise<Answer> => {
  const start = performance.now();
  const response = await to.deliver(delivery);
  await response.text();
  return { status: response.status, ms: performance.now() - start };
};

const newcomers = (count: number): Person[] => Array.from({ length: count }, () => newcomer());

/** Delivers of all these people, as many at once as told, and again what was not taken, as senders do. */
const deliverOf = async (people: Person[], atOnce: number): Promise<Answer[]> => {
  const left = people.map((person) => deliveryOf('greenhouse', person));
  const answers: Answer[] = [];
  const sender = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const answer = await timed(next);
      answers.push(answer);
      if (answer.status >= 500) left.push(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  return answers;
};

const show = (figures: object) => {
  if (process.env.SHOW_FIGURES) console.log(figures);
};

// In their order: the second finds the processes of the first.
test('a delivery is answered in time by a function that has to be started for it', {
  timeout: 120_000,
}, async () => {
  const cold = await startLocalRun();
  onTestFinished(() => cold.close());
  const before = await slowness();
  const { status, ms } = await timed(deliveryOf('greenhouse', newcomer()), cold);
  await untilIdle(cold, 60_000);
  const slow = Math.max(before, await slowness());
  show({ coldStart: ms, slow });
  expect(status).toBe(200);
  expect(ms).toBeLessThan(LIMIT_MS * slow);
});

test('200 deliveries at once are all answered in time, and not one is lost or doubled', {
  timeout: 600_000,
}, async () => {
  // Twenty processes that start at once on two cores would be measured, and not the function: on
  // AWS each has a processor of its own. One event again and again brings them up.
  const known = newcomers(1);
  await deliverOf(known, 1);
  for (let atOnce = 5; atOnce <= AT_ONCE; atOnce += 5) {
    await deliverOf(Array(atOnce).fill(known[0]), atOnce);
  }
  await untilIdle(run, 120_000);

  const state = async () => [
    (await eventRecords(run)).length,
    (await eventExecutions(run)).length,
    await run.slackCalls(),
  ];
  const before = await state();
  const people = newcomers(DELIVERIES);
  const slowBefore = await slowness();
  const start = performance.now();
  const answers = await deliverOf(people, AT_ONCE);
  const all = performance.now() - start;

  await untilIdle(run, 240_000);
  const slow = Math.max(slowBefore, await slowness());
  expect(await state()).toEqual(before.map((count) => count + DELIVERIES));
  const sent = (await run.sandbox('GET', 'mailbox')) as { recipient_email: string }[];
  const mailsTo = Map.groupBy(sent, ({ recipient_email }) => recipient_email);
  const mails = people.map(({ email }) => mailsTo.get(email)?.length ?? 0);
  expect(mails).toEqual(Array(DELIVERIES).fill(1));

  const ms = answers.map((answer) => answer.ms).toSorted((a, b) => a - b);
  const within = (share: number) => ms[Math.ceil(share * DELIVERIES) - 1] as number;
  show({ all, slow, median: within(0.5), most: within(0.95), longest: within(1) });
  expect(within(0.95)).toBeLessThan(LIMIT_MS * slow);
  // The last ones wait behind sixty processes that all start on the machine's two cores.
  expect(within(1)).toBeLessThan(3 * LIMIT_MS * slow);
  // The table may be too slow where the machine is; then the sender delivers again.
  const others = new Set(answers.map(({ status }) => status).filter((status) => status !== 200));
  expect([...others]).toEqual(slow > 1 && others.size > 0 ? [503] : []);
});
