import { CACHED_MS } from './times.ts';

/** A value that is read from elsewhere and kept in memory. */
export type Cached<T> = {
  /** @param maxAgeMs how old a value may be; left out: five minutes. */
  get(maxAgeMs?: number): Promise<T>;
  /** The value that was read last, however old. */
  last(): T | undefined;
  forget(): void;
};

/**
 * Keeps what was read, and reads once however many callers want it at the same time.
 *
 * @param read its errors pass through and are not remembered.
 * @param now milliseconds.
 */
export const cached = <T>(read: () => Promise<T>, now: () => number): Cached<T> => {
  let known: { value: T; at: number } | undefined;
  let reading: Promise<T> | undefined;

  const readAnew = (): Promise<T> => {
    reading ??= read()
      .then((value) => {
        known = { value, at: now() };
        return value;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  return {
    get: async (maxAgeMs = CACHED_MS) =>
      known && now() < known.at + maxAgeMs ? known.value : readAnew(),
    last: () => known?.value,
    forget: () => {
      known = undefined;
    },
  };
};
