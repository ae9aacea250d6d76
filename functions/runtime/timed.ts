import { InviteError } from '../invites/errors.ts';
import { BACKSTOP_MS } from './time-left.ts';

/**
 * middy's early time-out: should the domain miss its own deadline, the caller still gets an answer
 * and the metrics are still written.
 */
export const earlyTimeout = {
  timeoutEarlyInMillis: BACKSTOP_MS,
  timeoutEarlyResponse: (): never => {
    throw new InviteError('OutcomeUnknown', {
      code: 'timed_out',
      detail:
        'the function ran out of time, so the invitation may have been sent: look in Slack; GET the invite and ask again with resend if it is not there',
    });
  },
};
