import { expect, it, vi } from 'vitest';
import {
  createEvaluate,
  EVALUATION_MS,
  STOPPED_ONCE_MS,
} from '../../functions/webhooks/expression.ts';
import type { Sandbox } from '../../functions/webhooks/expression-sandbox.ts';

/** A sandbox in which every expression that is called slow runs over its time. */
const setUp = () => {
  const evaluate = vi.fn<Sandbox['evaluate']>((expression) =>
    expression.startsWith('slow') ? { failed: 'time_limit' } : { value: true },
  );
  return { evaluate, tryOn: createEvaluate({ evaluate }) };
};
const limits = ({ mock }: { mock: { calls: unknown[][] } }, expression: string) =>
  mock.calls.filter(([one]) => one === expression).map((call) => call[3]);

it('an expression that was stopped gets less time, and after three times none', () => {
  const { evaluate, tryOn } = setUp();
  const body = {};
  for (let event = 0; event < 10; event += 1) {
    expect(tryOn('slow', event, body)).toEqual({ failed: 'time_limit' });
    expect(tryOn('quick', event, body)).toEqual({ value: true });
  }
  expect(limits(evaluate, 'slow')).toEqual([EVALUATION_MS, STOPPED_ONCE_MS, STOPPED_ONCE_MS]);
  expect(limits(evaluate, 'quick')).toEqual(Array.from({ length: 10 }, () => EVALUATION_MS));
});

it('fifty slow expressions on a hundred events leave the answer its 3 seconds', () => {
  const { evaluate, tryOn } = setUp();
  const body = {};
  for (let event = 0; event < 100; event += 1) {
    for (let rule = 0; rule < 50; rule += 1) tryOn(`slow ${rule}`, event, body);
  }
  const spent = evaluate.mock.calls.reduce((sum, call) => sum + (call[3] as number), 0);
  expect(spent).toBeLessThanOrEqual(3000 + EVALUATION_MS);
});

it('the next delivery begins with the full time', () => {
  const { evaluate, tryOn } = setUp();
  for (const body of [{}, {}]) {
    for (let event = 0; event < 5; event += 1) tryOn('slow', event, body);
  }
  expect(limits(evaluate, 'slow').filter((limit) => limit === EVALUATION_MS)).toHaveLength(2);
});
