import { InviteError } from '../invites/errors.ts';
import { BACKSTOP_MS } from './time-left.ts';

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
