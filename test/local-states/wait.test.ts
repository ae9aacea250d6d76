import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { waitFor } from '../../infra/local/states/wait.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T00:00:07.500Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a wait until then is over before anything else has its turn. */
const isOverAtOnce = async (timestamp: string): Promise<boolean> => {
  const ended = new AbortController();
  const waiting = waitFor({ timestamp }, ended.signal).catch(() => null);
  const first = await Promise.race([waiting, setImmediate('later')]);
  ended.abort();
  await waiting;
  return first === null;
};

test.each([
  ['2030-01-01T00:00:07.500Z', true],
  ['2030-01-01T00:00:07.999Z', true],
  ['2030-01-01T01:00:07.999+01:00', true],
  ['2029-12-31T23:59:59Z', true],
  ['2030-01-01T00:00:08.000Z', false],
  ['2030-01-01T00:00:08.001Z', false],
])('the milliseconds of a time do not count: %s is over at 07.500: %s', async (time, isOver) => {
  expect(await isOverAtOnce(time)).toBe(isOver);
});

test('the wait is as long as until the second begins', async () => {
  const start = performance.now();
  await waitFor({ timestamp: '2030-01-01T00:00:08.400Z' }, new AbortController().signal);
  expect(performance.now() - start).toBeGreaterThan(498);
});
