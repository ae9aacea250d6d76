import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cached, cached } from '../../functions/lib/async.ts';

const MINUTE = 60_000;

let now: number;
let reads: number;
let value: Cached<string>;
const read = vi.fn(async () => {
  reads += 1;
  return `value ${reads}`;
});
beforeEach(() => {
  now = 1_000_000;
  reads = 0;
  value = cached(read, () => now);
});

describe('while whoever has the value is away', () => {
  const away = new Error('away');
  const told = vi.fn();
  beforeEach(() => {
    told.mockClear();
    read.mockClear();
    value = cached(read, () => now, { isAway: (error) => error === away, told });
  });

  test('the last one serves for an hour, and each failed reading is told', async () => {
    await value.get();
    for (const minutes of [5, 59]) {
      now = 1_000_000 + minutes * MINUTE;
      read.mockRejectedValueOnce(away);
      expect(await value.get()).toBe('value 1');
    }
    expect(told).toHaveBeenCalledTimes(2);
    now = 1_000_000 + 60 * MINUTE;
    read.mockRejectedValueOnce(away);
    await expect(value.get()).rejects.toBe(away);
    expect(told).toHaveBeenCalledTimes(2);
    expect(await value.get()).toBe('value 2');
  });

  test('it is looked for once in a minute', async () => {
    await value.get();
    now += 5 * MINUTE;
    read.mockRejectedValueOnce(away);
    await value.get();
    now += MINUTE - 1;
    expect(await value.get()).toBe('value 1');
    expect(read).toHaveBeenCalledTimes(2);
    now += 1;
    expect(await value.get()).toBe('value 2');
  });

  test('another error, a younger value and one that was forgotten get the error', async () => {
    await value.get();
    now += 5 * MINUTE;
    read.mockRejectedValueOnce(new Error('forbidden'));
    await expect(value.get()).rejects.toThrow('forbidden');
    read.mockRejectedValueOnce(away);
    await expect(value.get(MINUTE)).rejects.toBe(away);
    value.forget();
    read.mockRejectedValueOnce(away);
    await expect(value.get()).rejects.toBe(away);
    expect(told).not.toHaveBeenCalled();
  });
});

describe('a value', () => {
  test('is read once in five minutes', async () => {
    expect(await value.get()).toBe('value 1');
    now += 5 * MINUTE - 1;
    expect(await value.get()).toBe('value 1');
    now += 1;
    expect(await value.get()).toBe('value 2');
  });

  test('is read anew for who wants it younger', async () => {
    await value.get();
    now += MINUTE;
    expect(await value.get(MINUTE + 1)).toBe('value 1');
    expect(await value.get(MINUTE)).toBe('value 2');
  });

  test('is read once for all who ask at the same time', async () => {
    const all = await Promise.all([value.get(), value.get(), value.get(0)]);
    expect(all).toEqual(['value 1', 'value 1', 'value 1']);
  });

  test('that cannot be read is not remembered, and is read again for the next', async () => {
    const failure = new Error('throttled');
    read.mockRejectedValueOnce(failure);
    const both = await Promise.allSettled([value.get(), value.get()]);
    expect(both.map((one) => one.status === 'rejected' && one.reason)).toEqual([failure, failure]);
    expect(await value.get()).toBe('value 1');
  });

  test('is known however old it is, until it is forgotten', async () => {
    expect(value.last()).toBeUndefined();
    await value.get();
    now += 60 * MINUTE;
    expect(value.last()).toBe('value 1');
    value.forget();
    expect(value.last()).toBeUndefined();
    expect(await value.get()).toBe('value 2');
  });
});
