import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BACKSTOP_MS, deadlineOf, leaseOf } from '../../functions/lambda/deadline.ts';

const LEFT = 20_000;
const context = { getRemainingTimeInMillis: () => LEFT };
const NOW = 1_000_000;
const END = NOW + LEFT;

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

test('the domain is done a second before the backstop acts, and that a second before the end', () => {
  expect(END - BACKSTOP_MS - deadlineOf(context)).toBe(1000);
  expect(BACKSTOP_MS).toBe(1000);
});

test('a lease lasts until the function has ended by every clock that is less than 5 s off', () => {
  expect(leaseOf(context)).toBe(END + 5000);
});
