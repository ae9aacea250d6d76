import { CACHED_MS, STALE_MS, STALE_RETRY_MS } from './times.ts';

/** A value that is read from elsewhere and kept in memory. */
export type Cached<T> = {
  /**
   * @param maxAgeMs how old a value may be, and no older one serves; left out: five minutes, and an
   *   hour while its owner is away.
   */
  get(maxAgeMs?: number): Promise<T>;
  /** The value that was read last, however old. */
  last(): T | undefined;
  forget(): void;
};

/** What to do while the owner of the value does not answer: the last one serves for up to an hour. */
export type WhileAway = {
  /** Whether an error says that; any other error passes through. */
  isAway(error: unknown): boolean;
  /** Told each time that a reading failed and the last value serves. */
  told(): void;
};

/**
 * Keeps what was read, and reads once however many callers want it at the same time.
 *
 * @param read its errors pass through and are not remembered.
 * @param now milliseconds.
 * @param whileAway left out: a value that is too old serves nobody.
 */
export const cached = <T>(
  read: () => Promise<T>,
  now: () => number,
  whileAway?: WhileAway,
): Cached<T> => {
  let known: { value: T; at: number } | undefined;
  /** Until when the last value serves without another reading: each takes seconds while it fails. */
  let restsUntil = 0;
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

  const readOrServeLast = async (away: WhileAway): Promise<T> => {
    const last = known;
    if (!last || now() >= last.at + STALE_MS) return readAnew();
    if (now() < restsUntil) return last.value;
    try {
      return await readAnew();
    } catch (error) {
      // Forgotten meanwhile: it was refused.
      if (!away.isAway(error) || known !== last) throw error;
      restsUntil = now() + STALE_RETRY_MS;
      away.told();
      return last.value;
    }
  };

  return {
    async get(maxAgeMs) {
      if (known && now() < known.at + (maxAgeMs ?? CACHED_MS)) return known.value;
      return whileAway && maxAgeMs === undefined ? readOrServeLast(whileAway) : readAnew();
    },
    last: () => known?.value,
    forget: () => {
      known = undefined;
    },
  };
};

/** What came of it: what was done, and the first failure if there was one. */
type Done<R> = { done: R[]; failure?: unknown };

/**
 * Has something done for every item, for so many of them at the same time. After a failure nothing
 * is begun any more. All that was begun has ended when this has, since nothing may run on in a later
 * invocation.
 */
export const inParallel = async <T, R>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<R>,
): Promise<Done<R>> => {
  const done: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length && failures.length === 0) {
      const item = items[next] as T;
      next += 1;
      try {
        done.push(await act(item));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return failures.length === 0 ? { done } : { done, failure: failures[0] };
};
