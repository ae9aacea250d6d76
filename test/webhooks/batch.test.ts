import { describe, expect, test, vi } from 'vitest';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { inBatches } from '../../functions/webhooks/receive.ts';
import { applyRules } from '../../functions/webhooks/rules.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { rule } from './receive.world.ts';

/** Outlasts any limit: it backtracks over a long name. */
const SLOW = '$contains(name, /^(\\w+\\s?)+$/)';
const LONG_NAME = `${'a'.repeat(60)}!`;
/** Of the clock, for a machine that others use as well. */
const LIMIT_MS = 2000;

const RULES = [
  rule('type = "hired"', { reference: 'number' }),
  rule('$exists(leaves)', { email: '[mail, mobile]', reference: 'name & " & name' }),
  rule('$uppercase(name) = "CASEY"', { email: '$substring(name, 0, 3)' }),
  rule('name & 1'),
];
const event = (number: number, more: object = {}) => ({
  payload: {
    number,
    type: number % 2 === 0 ? 'hired' : 'left',
    email: `person-${number}@partner.example`,
    mail: [`a-${number}@partner.example`, `b-${number}@partner.example`],
    name: number % 3 === 0 ? 'Casey' : ' ',
    ...(number % 5 === 0 && { leaves: null }),
    ...(number % 7 === 0 && { leaves: true }),
    ...more,
  },
});

type Event = { payload: unknown };
type Batched = { rules?: typeof RULES; lookup?: { id: string }; limitMs?: number };

/** What the rules come to on each event, in batches and with a call for each expression. */
const bothWays = (events: Event[], { rules = RULES, lookup, limitMs = LIMIT_MS }: Batched = {}) => {
  const source = { rules, ...(lookup && { lookup }) } as unknown as HrSource;
  const body = events.map(({ payload }) => payload);
  const sandbox = createSandbox();
  const evaluateAll = vi.fn(sandbox.evaluateAll);
  const batched = inBatches({ ...sandbox, evaluateAll }, source, events);
  const singly = createEvaluate(createSandbox());
  const apply = (evaluate: ReturnType<typeof createEvaluate>) =>
    events.map(({ payload }) => applyRules(source, { payload, body }, () => evaluate));
  return {
    batches: apply((text, its, all, headers) => batched.evaluate(text, its, all, limitMs, headers)),
    single: () => apply(singly),
    done: () => evaluateAll.mock.results.map(({ value }) => value),
  };
};

describe('rules on many events', () => {
  test('come to the same in batches as one by one, failures and what is left out included', () => {
    const events = Array.from({ length: 120 }, (_, number) => event(number));
    const { batches, single, done } = bothWays(events);
    expect(batches).toEqual(single());
    expect(done()).toEqual([50, 50, 20]);
    expect(batches.some(({ failed }) => failed.length > 0)).toBe(true);
    expect(batches.some(({ leftOut = [] }) => leftOut.length > 0)).toBe(true);
    expect(batches.some(({ taken }) => taken.some(({ reference }) => reference))).toBe(true);
  });

  test('come to the same on events that are no objects', () => {
    const payloads = [null, '', ' ', 'hired', 'hired', 7, true, [], [null, 'x']];
    const rules = [rule('$ = "hired"', { email: '$ & "@partner.example"' }), rule('$exists($)')];
    const events = payloads.map((payload) => ({ payload }));
    const { batches, single } = bothWays(events, { rules });
    expect(batches).toEqual(single());
    expect(batches.map(({ taken }) => taken.length)).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0]);
  });

  test('find the id of a lookup in the same call', () => {
    const rules = [{ when: 'true', invite: { channel: 'C0PARTNER01' } }] as typeof RULES;
    const events = [event(1), event(2)];
    const { batches, done } = bothWays(events, { rules, lookup: { id: '$string(number)' } });
    expect(batches.map(({ taken }) => taken[0]?.lookupId)).toEqual(['1', '2']);
    expect(done()).toEqual([2]);
  });

  test('find the whole delivery as $$', () => {
    const { batches } = bothWays([event(1), event(2)], { rules: [rule('$count($$) = 2')] });
    expect(batches.map(({ taken }) => taken.length)).toEqual([1, 1]);
  });
});

describe('an expression that runs over', () => {
  test('takes nothing from the events that share its batch', { timeout: 120_000 }, () => {
    const events = Array.from({ length: 6 }, (_, number) =>
      event(number, number === 3 ? { name: LONG_NAME } : { name: 'Casey' }),
    );
    const { batches, done } = bothWays(events, { rules: [rule(SLOW), rule('number >= 0')] });
    expect(batches.map(({ taken }) => taken.map((match) => match.rule))).toEqual(
      events.map((_, number) => (number === 3 ? [1] : [0, 1])),
    );
    expect(batches.flatMap(({ failed }) => failed)).toEqual([
      { rule: 0, field: 'when', reason: 'time_limit' },
    ]);
    // No second batch is stopped.
    expect(done()).toEqual([0]);
  });
});

test('a batch ends when half of its time is over, and the next one goes on behind it', () => {
  const events = Array.from({ length: 4 }, (_, number) => event(number));
  // Begun and over at once: each batch gets one event done.
  const now = vi.spyOn(Date, 'now');
  now.mockReturnValue(-1e12);
  try {
    const { batches, done } = bothWays(events);
    expect(done()).toEqual([1, 1, 1, 1]);
    expect(batches.flatMap(({ taken }) => taken).length).toBeGreaterThan(0);
  } finally {
    now.mockRestore();
  }
});

test('what a batch has come to is not known for another body or other headers', () => {
  const sandbox = createSandbox();
  const payload = { number: 1 };
  const rules = [{ when: '$headers.x', fields: [] }];
  sandbox.evaluateAll(rules, [payload], { a: 1 }, LIMIT_MS, { x: 'one' });
  expect(sandbox.evaluate('$headers.x', payload, { a: 1 }, LIMIT_MS, { x: 'two' })).toEqual({
    value: 'two',
  });
});
