import type { Abortable } from '../invites/invocation.ts';
import { inParallel } from '../lib/async.ts';
import { HEARD_MS, HOUR_MS } from '../lib/times.ts';

/** How many hours of silence are usual, by the names of the HR sources that somebody watches. */
export type SilentAfterHours = Readonly<Record<string, number>>;

/** When each HR source was last heard of: one item for each. Times in epoch milliseconds. */
export type HeardStore = {
  read(source: string, invocation: Abortable): Promise<number | undefined>;
  note(source: string, at: number, invocation: Abortable): Promise<void>;
};

/**
 * Notes that a source has sent something genuine: once in a while a process, however much it sends. What
 * cannot be noted is noted with its next delivery.
 * @param watched the sources whose silence is told.
 */
export const createHeard = (
  store: Pick<HeardStore, 'note'>,
  watched: ReadonlySet<string>,
  now: () => number = Date.now,
) => {
  const noted = new Map<string, number>();
  return async (source: string, invocation: Abortable): Promise<void> => {
    const at = now();
    if (!watched.has(source) || at - (noted.get(source) ?? 0) < HEARD_MS) return;
    try {
      await store.note(source, at, invocation);
      noted.set(source, at);
    } catch {}
  };
};

const AT_ONCE = 4;

/** A source that is silent, and when it was last heard of (ISO 8601). */
export type Silent = { source: string; since: string };

/**
 * A source that nobody has heard of yet counts as heard now: its silence begins when it is first watched.
 * @param now epoch milliseconds.
 * @returns the sources that have been silent for longer than is usual for them.
 * @throws InviteError
 */
export const findSilent = async (
  store: HeardStore,
  silentAfterHours: SilentAfterHours,
  now: number,
  invocation: Abortable,
): Promise<Silent[]> => {
  const sources = Object.entries(silentAfterHours);
  const { done, failure } = await inParallel(sources, AT_ONCE, async ([source, hours]) => {
    const heard = await store.read(source, invocation);
    if (heard === undefined) await store.note(source, now, invocation);
    if (heard === undefined || now - heard <= hours * HOUR_MS) return [];
    return [{ source, since: new Date(heard).toISOString() }];
  });
  if (failure !== undefined) throw failure;
  return done.flat();
};
