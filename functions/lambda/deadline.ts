import { type InviteError, ownError } from '../errors/invite-error.ts';
import type { Invocation, Observer } from '../invites/invocation.ts';
import { BACKSTOP_MS, CLOCK_SKEW_MS, DOMAIN_MARGIN_MS } from '../lib/times.ts';

/** The part of Lambda's context that tells the time left, in milliseconds. */
export type Timed = { getRemainingTimeInMillis(): number };

/** For a function whose domain tells nothing besides its result. */
const NO_OBSERVER: Observer = {
  gateWait() {},
  queueWait() {},
  slackLatency() {},
  blockedBy() {},
  tokenRefresh() {},
  warnings() {},
  unrecorded() {},
  holdOffFailed() {},
};

/** @returns what belongs to this invocation, as the domain takes it. */
export const invocationOf = (context: Timed, observe = NO_OBSERVER): Invocation => {
  const now = Date.now();
  const end = now + context.getRemainingTimeInMillis();
  const deadline = end - DOMAIN_MARGIN_MS;
  return {
    deadline,
    leaseUntil: end + CLOCK_SKEW_MS,
    signal: AbortSignal.timeout(Math.max(deadline - now, 0)),
    observe,
  };
};

/**
 * middy's early time-out: should the domain miss its own deadline, the caller still gets an answer
 * and the metrics are still written.
 */
const early = (timedOut: () => InviteError) => ({
  timeoutEarlyInMillis: BACKSTOP_MS,
  timeoutEarlyResponse: (): never => {
    throw timedOut();
  },
});

/** For a handler that calls Slack: the answer is that it may have happened. */
export const mayHaveSent = early(() => ownError('timed_out'));

/** For a handler that does not call Slack: a retry repeats nothing. */
export const nothingSent = early(() => ownError('out_of_time'));
