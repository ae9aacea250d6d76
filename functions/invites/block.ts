import { type InviteError, ownError, type Reason, reasonOf } from '../errors/invite-error.ts';
import { PROBE_GROWS_AFTER_MS, PROBE_MAX_MS, PROBE_MS, PROBE_RESULT_MS } from '../lib/times.ts';
import type { Invite } from './invite.ts';
import type { Abortable } from './invocation.ts';

/** Why the queue waits for an operator. Times in epoch milliseconds. */
export type Block = Reason & {
  since: number;
  /** When somebody last tried whether it is gone. */
  probedAt: number;
};

/** The block's one item. */
export type BlockStore = {
  read(invocation: Abortable): Promise<Block | undefined>;
  /** Writes what blocks the queue, whatever stood there. */
  put(block: Block, invocation: Abortable): Promise<void>;
  /** Sets `probedAt`, provided that it still is `expected`. @returns whether it did. */
  probe(expected: number, at: number, invocation: Abortable): Promise<boolean>;
  remove(invocation: Abortable): Promise<void>;
};

/** The one call in an interval that may see whether the block is gone. */
export type Probe = {
  /**
   * Takes it, right before the call. Who has nothing to send leaves it to the next who looks.
   * @throws InviteError `Blocked` if somebody else was faster.
   */
  take(): Promise<void>;
  /** Leaves it to the next after all, since nothing was sent. */
  giveBack(): Promise<void>;
};

/** The block before the queue: who gets past it, and how it comes and goes. */
export type QueueBlock = {
  /**
   * Lets a turn through: always, unless the queue is blocked; then who may take the next probe.
   * @returns the probe, or undefined if there is no block.
   * @throws InviteError `Blocked`, with the seconds after which to look again.
   */
  enter(invocation: Abortable): Promise<Probe | undefined>;
  /**
   * Blocks the queue for everybody.
   * @param error an error for which `isMendable` holds.
   * @param waitedMs how long the request has waited for its turn: where the block itself cannot be
   *   written, each request looks again by its own time.
   * @returns the error that the turn ends with.
   */
  raise(error: InviteError, waitedMs: number, invocation: Abortable): Promise<InviteError>;
  /** Lifts the block after a probe that went through. */
  lift(invocation: Abortable): Promise<void>;
};

/** The others look this long after a probe is due, in seconds where the interval is a minute. */
const FIRST_SPREAD = 5;
const SPREAD = 20;

/**
 * Everybody who waits behind a block looks at it again and again, and reads one item for it; one of
 * them calls Slack once in an interval. The one who probes comes back exactly when the next probe is
 * due, the others a little later, when they find the result. So a block that is mended ends for all
 * within 90 s in its first half hour, and within 15 min later.
 *
 * @param random from 0 to 1.
 */
export const createBlock = (
  store: BlockStore,
  now: () => number = Date.now,
  random: () => number = Math.random,
): QueueBlock => ({
  async enter(invocation) {
    const block = await store.read(invocation);
    if (!block) return undefined;
    const at = now();
    const { probedAt } = block;
    const interval = intervalOf(at - block.since);
    // A clock that was far ahead holds nobody up.
    const due = probedAt > at + PROBE_MS ? at : probedAt + interval;

    /** When to look again at what somebody else finds out. */
    const lookAgain = (isOnItsWay: boolean) => {
      const spread = ((FIRST_SPREAD + SPREAD * random()) * interval) / PROBE_MS;
      const untilResult = isOnItsWay ? 0 : (due - at) / 1000;
      return blocked(block, Math.min(untilResult + spread, longestWait(interval)));
    };
    if (at < due) throw lookAgain(at - probedAt < PROBE_RESULT_MS);
    let taken = at;
    return {
      async take() {
        taken = now();
        if (!(await store.probe(probedAt, taken, invocation))) throw lookAgain(true);
      },
      giveBack: async () => void (await store.probe(taken, probedAt, invocation)),
    };
  },

  async raise(error, waitedMs, invocation) {
    const reason = reasonOf(error);
    const at = now();
    try {
      const before = await store.read(invocation);
      const since = before?.since ?? at;
      await store.put({ ...reason, since, probedAt: at }, invocation);
      return blocked(reason, intervalOf(at - since) / 1000);
    } catch {
      return blocked(reason, intervalOf(waitedMs) / 1000);
    }
  },

  lift: (invocation) => store.remove(invocation),
});

/** @returns an invite as it reads while the queue is blocked: one that waits says what it waits for, and no turn. */
export const behindBlock = (invite: Invite, block: Block | undefined): Invite => {
  if (!block || invite.status !== 'queued') return invite;
  const { since, probedAt: _, ...reason } = block;
  // Nobody knows when it is mended, and so no place tells when its turn comes.
  const { place: __, expected_at: ___, ...waiting } = invite;
  return { ...waiting, error: { ...reason, at: new Date(since).toISOString() } };
};

/** Between two probes of a block of this age, in milliseconds. */
const intervalOf = (ageMs: number): number =>
  ageMs < PROBE_GROWS_AFTER_MS ? PROBE_MS : Math.min(ageMs / 30, PROBE_MAX_MS);

/** A minute as long as the intervals are one, and a quarter of an hour later. */
const longestWait = (interval: number): number => (interval === PROBE_MS ? 60 : 900);

const blocked = ({ class: errorClass, code }: Pick<Reason, 'class' | 'code'>, seconds: number) =>
  ownError('blocked', { class: errorClass, code }, { retryAfter: Math.ceil(seconds) });
