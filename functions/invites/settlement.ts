import type { ErrorClass } from './errors.ts';
import type { Invite } from './invite.ts';

/** What came of a call to Slack. `nothing`: it certainly sent no invitation. */
export type Settlement =
  | { status: 'sent'; slack: NonNullable<Invite['slack']> }
  | { status: 'already_in_channel' }
  | { status: 'unknown' | 'nothing'; error: { class: ErrorClass; code: string } };

/**
 * The invite after a call.
 * @param sending the invite as it was marked right before the call.
 * @param previous the invite before that, if there was one. A call that did nothing leaves it
 *   standing, `attempts` included, so that the same `resend` can be asked again.
 * @param at ISO 8601.
 */
export const settle = (
  sending: Invite,
  previous: Invite | undefined,
  outcome: Settlement,
  at: string,
): Invite => {
  const { expires_at, ...called } = sending;
  const before = previous?.attempts ?? 0;
  switch (outcome.status) {
    case 'sent':
      return { ...sending, status: 'sent', slack: outcome.slack, updated_at: at };
    case 'already_in_channel':
      return { ...called, status: 'already_in_channel', attempts: before, updated_at: at };
    case 'unknown':
      return { ...sending, status: 'unknown', error: { ...outcome.error, at }, updated_at: at };
    case 'nothing': {
      const stands = previous && previous.status !== 'failed';
      const invite: Invite = stands ? previous : { ...called, status: 'failed', attempts: before };
      return { ...invite, error: { ...outcome.error, at }, updated_at: at };
    }
  }
};
