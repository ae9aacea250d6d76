import { InviteError } from '../errors/invite-error.ts';

/** The part of Lambda's context that tells the time left, in milliseconds. */
export type Timed = { getRemainingTimeInMillis(): number };

/** middy answers this long before Lambda would kill the function: a backstop, in milliseconds. */
export const BACKSTOP_MS = 1000;
/** The domain is done this long before the function's end, so that the backstop never has to act. */
const DOMAIN_MARGIN_MS = 2000;
/** How far apart the clocks of two functions may be. */
const CLOCK_SKEW_MS = 5000;

/** When the domain has to be done, in epoch milliseconds. */
export const deadlineOf = (context: Timed): number =>
  Date.now() + context.getRemainingTimeInMillis() - DOMAIN_MARGIN_MS;

/** When this invocation has ended for every other function, in epoch milliseconds. */
export const leaseOf = (context: Timed): number =>
  Date.now() + context.getRemainingTimeInMillis() + CLOCK_SKEW_MS;

/** Ends what is still under way when the domain has to be done. */
export const untilDeadline = (context: Timed): AbortSignal =>
  AbortSignal.timeout(Math.max(deadlineOf(context) - Date.now(), 0));

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
export const mayHaveSent = early(
  () =>
    new InviteError('OutcomeUnknown', {
      code: 'timed_out',
      detail:
        'the function ran out of time, so the invitation may have been sent: ask the same again, which sends nothing as long as nobody knows, and says what to do',
    }),
);

/** For a handler that does not call Slack: asking again repeats nothing. */
export const nothingSent = early(
  () =>
    new InviteError('SlackUnavailable', {
      code: 'timed_out',
      detail: 'the function ran out of time; ask again after retry_after seconds',
      retryAfter: 5,
    }),
);
