import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { invocationOf } from '../../functions/lambda/deadline.ts';
import { BACKSTOP_MS } from '../../functions/lib/times.ts';

const LEFT = 20_000;
const context = { getRemainingTimeInMillis: () => LEFT };
const NOW = 1_000_000;
const END = NOW + LEFT;

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

test('the domain is done a second before the backstop acts, and that a second before the end', () => {
  expect(END - BACKSTOP_MS - invocationOf(context).deadline).toBe(1000);
  expect(BACKSTOP_MS).toBe(1000);
});

test('a lease lasts until the function has ended by every clock that is less than 5 s off', () => {
  expect(invocationOf(context).leaseUntil).toBe(END + 5000);
});

test('the signal ends what is under way when the domain has to be done, and not before', async () => {
  vi.useRealTimers();
  const { deadline, signal } = invocationOf({ getRemainingTimeInMillis: () => 2300 });
  expect(signal.aborted).toBe(false);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  expect(Date.now()).toBeGreaterThanOrEqual(deadline - 1);
});

test('the signal of an invocation that has no time left ends it at once', async () => {
  vi.useRealTimers();
  const { signal } = invocationOf({ getRemainingTimeInMillis: () => 0 });
  await expect.poll(() => signal.aborted).toBe(true);
});
