import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { progressTable } from '../../functions/aws/record-table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import type { Received, Receiver } from '../../functions/webhooks/receive.ts';
import { createReceiveParts, type Progress } from '../../functions/webhooks/receive-parts.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { NAME, rule, sourceWith } from './receive.world.ts';

const DEADLINE_MS = 8000;
const TAKEN: Received = { result: 'accepted', ignored: [], failed: [] };

/** A delivery of so many people, as its sender repeats it: each time with another header. */
const deliveryOf = (count: number, company = 'acme'): WebhookEvent[] => {
  const body = { company, people: Array.from({ length: count }, (_, n) => ({ n })) };
  const headers = { 'x-attempt': String(Math.random()) };
  return body.people.map((payload) => ({
    payload,
    body,
    headers,
    id: `content:${payload.n}`,
    identity: 'content',
  }));
};

let now: number;
let seen: number[];
let known: Map<string, number>;
beforeEach(() => {
  now = 0;
  seen = [];
  known = new Map();
});

const inMemory: Progress = {
  read: async (delivery) => known.get(delivery) ?? 0,
  note: async (delivery, done) => void known.set(delivery, done),
};

type Take = Receiver['take'];

/** Takes an event in 5 ms, until the deadline. */
const taking: Take = async (_source, events, _unstarted, { deadline }) => {
  const received: Received[] = [];
  for (const { payload } of events) {
    if (now > deadline - 1000) return { received, failure: ownError('not_all_kept') };
    now += 5;
    seen.push((payload as { n: number }).n);
    received.push(TAKEN);
  }
  return { received };
};

const createDeliver = (take = taking, progress = inMemory, source = sourceWith(rule('true'))) => {
  const receiver: Receiver = { take, start: async () => undefined };
  const inParts = createReceiveParts({ receiver, progress, now: () => now });
  return (events: WebhookEvent[]) =>
    inParts({ name: NAME, source }, events, invocation({ deadline: now + DEADLINE_MS }));
};

const resultsOf = (received: Received[]) => received.map(({ result }) => result);

test('a delivery for which there is time is taken at once, and nothing is noted', async () => {
  const { received, failure } = await createDeliver()(deliveryOf(800));
  expect(failure).toBeUndefined();
  expect(resultsOf(received)).toEqual(Array(800).fill('accepted'));
  expect(seen).toEqual(Array.from({ length: 800 }, (_, n) => n));
  expect(known.size).toBe(0);
});

test('of a larger one, each repetition takes the next part, and the last one ends it', async () => {
  const deliver = createDeliver();
  const counts: number[] = [];
  let end: Awaited<ReturnType<typeof deliver>>;
  do {
    end = await deliver(deliveryOf(5000));
    counts.push(seen.length);
    expect(end.failure).toSatisfy(
      (failure) => failure === undefined || (failure as { status: number }).status === 503,
    );
  } while (end.failure !== undefined && counts.length < 20);
  expect(end.failure).toBeUndefined();
  // Each event once: nothing is begun that there is no time for.
  expect(seen).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  expect(counts.length).toBeGreaterThan(1);
  expect(end.received).toHaveLength(5000);
  expect(resultsOf(end.received).filter((result) => result === 'accepted')).toHaveLength(
    5000 - (counts.at(-2) ?? 0),
  );
});

test('one that is done begins anew when it comes once more', async () => {
  const deliver = createDeliver();
  while ((await deliver(deliveryOf(3000))).failure !== undefined);
  seen = [];
  await deliver(deliveryOf(3000));
  expect(seen[0]).toBe(0);
});

test('another delivery does not go on where this one stopped', async () => {
  const deliver = createDeliver();
  await deliver(deliveryOf(5000));
  seen = [];
  await deliver(deliveryOf(5000, 'other'));
  expect(seen[0]).toBe(0);
});

test('a part that fails is tried again as a whole, and those before it are not', async () => {
  let isBroken = true;
  const failing: Take = async (source, events, unstarted, its) => {
    const isThird = events.some(({ payload }) => (payload as { n: number }).n === 400);
    if (isThird && isBroken) return { received: [TAKEN], failure: ownError('record_raced') };
    return taking(source, events, unstarted, its);
  };
  const deliver = createDeliver(failing);
  const { received, failure } = await deliver(deliveryOf(700));
  expect(failure).toMatchObject({ facts: { code: 'record_raced' } });
  expect(received).toHaveLength(401);
  isBroken = false;
  seen = [];
  expect(await deliver(deliveryOf(700))).not.toHaveProperty('failure');
  expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => 400 + n));
});

test('the more rules there are, the smaller is a part', async () => {
  const sizes: number[] = [];
  const take: Take = async (_source, events) => {
    sizes.push(events.length);
    return { received: events.map(() => TAKEN) };
  };
  const rules = Array.from({ length: 50 }, () => rule('true'));
  await createDeliver(take, inMemory, sourceWith(...rules))(deliveryOf(10));
  expect(sizes).toEqual([4, 4, 2]);
});

test('a note that fails costs nothing but time', async () => {
  const note = () => Promise.reject(ownError('record_raced'));
  const deliver = createDeliver(taking, { ...inMemory, note });
  expect((await deliver(deliveryOf(5000))).failure).toMatchObject({
    facts: { code: 'not_all_kept' },
  });
});

describe('in the table', () => {
  let progress: Progress;
  beforeAll(async () => {
    progress = progressTable(await newTable());
  });

  test('it is noted how far a delivery came, the last time', async () => {
    expect(await progress.read('dlv1_a', INVOCATION)).toBe(0);
    await progress.note('dlv1_a', 400, INVOCATION);
    await progress.note('dlv1_a', 900, INVOCATION);
    await progress.note('dlv1_b', 200, INVOCATION);
    expect(await progress.read('dlv1_a', INVOCATION)).toBe(900);
    await progress.note('dlv1_a', 0, INVOCATION);
    expect(await progress.read('dlv1_a', INVOCATION)).toBe(0);
  });
});
