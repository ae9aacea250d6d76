import { createCounters } from './counters.ts';
import { createFaults } from './faults.ts';
import type { Invite } from './invites.ts';
import { BUCKET_CAPACITY, createLimiter } from './limiter.ts';
import type { Message } from './mailbox.ts';
import { freshWorld } from './world.ts';

/** How many invitations and messages are kept: the oldest go first. */
const MAX_KEPT = 10_000;

/** Some hundreds, says https://docs.slack.dev/reference/methods/auth.test without a number. */
const AUTH_TESTS_PER_MINUTE = 600;

/** How the local Slack limits, and its clock. */
export type Settings = {
  /** Calls of `conversations.inviteShared` a minute, a workspace and app (Tier 2: 20). */
  ratePerMinute: number;
  capacity?: number;
  /** The time in ms since 1970. */
  now?: () => number;
};

export type State = ReturnType<typeof createState>;

/**
 * All that the local Slack remembers. A reset makes a new one, and a call that was on its way
 * then ends in the old one, where nobody sees it.
 */
export function createState({
  ratePerMinute,
  capacity = BUCKET_CAPACITY,
  now = Date.now,
}: Settings) {
  return {
    now,
    world: freshWorld(),
    invites: [] as Invite[],
    mailbox: [] as Message[],
    /** All invitations so far, those that are no longer kept included. */
    invited: 0,
    counters: createCounters(),
    faults: createFaults(),
    inviteLimiter: createLimiter(capacity, ratePerMinute, now),
    authTestLimiter: createLimiter(AUTH_TESTS_PER_MINUTE, AUTH_TESTS_PER_MINUTE, now),
    /** Seconds in which one call comes due: what `ratelimited` says when it is a fault. */
    retryAfter: Math.max(1, Math.ceil(60 / ratePerMinute)),
  };
}

/** Adds to a list that must not grow without end. */
export function keep<Item>(list: Item[], item: Item): void {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}
