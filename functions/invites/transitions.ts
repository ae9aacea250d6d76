import type { ErrorClass } from '../errors/invite-error.ts';
import { InviteError } from '../errors/invite-error.ts';
import type { Invite } from './invite.ts';
import { asItReads, inForce, type Status, type StoredInvite } from './invite.ts';
import type { InviteRequest } from './request.ts';

/** What an ask that finds an invite leads to: a new call, the invite as it is, or a refusal. */
const ASKED_AGAIN: Record<Status, 'send' | 'return' | 'refuse' | 'wait' | 'queue'> = {
  queued: 'queue',
  failed: 'send',
  declined: 'send',
  expired: 'send',
  already_in_channel: 'send',
  sent: 'return',
  accepted: 'return',
  connected: 'return',
  unknown: 'refuse',
  sending: 'wait',
};

/** Seconds. The other one is mostly done sooner than its lease says. */
const MAX_RETRY_AFTER = 5;

/**
 * Decides what an ask leads to, given what the ledger holds.
 * @returns the invite if it is to be returned as it is, `undefined` if Slack is to be called.
 * @throws InviteError `InProgress`, `Conflict`, or `OutcomeUnknown`.
 */
export const decide = (
  stored: StoredInvite | undefined,
  request: InviteRequest,
  now: number,
): Invite | undefined => {
  if (stored?.claim && inForce(stored.claim, now)) throw inProgress(stored.claim.until - now);
  const invite = asItReads(stored, now);
  if (!invite) return undefined;

  const { status, attempts } = invite;
  const next = ASKED_AGAIN[status];
  const { resend } = request;
  // It is on its way: to ask once more changes nothing, with a resend or without.
  if (next === 'queue') {
    if (invite.external_limited !== request.external_limited) throw waitsWithOtherTerms(invite);
    return invite;
  }
  // A resend that has been carried out already asks for nothing new: it was repeated.
  const repeated = resend !== undefined && resend < attempts;
  if (resend !== undefined && !repeated) {
    if (resend > attempts && next !== 'send') throw neverSeen(invite);
    return undefined;
  }

  if (next === 'refuse') throw outcomeUnknown(invite);
  if (next === 'send') return repeated ? invite : undefined;
  if (!repeated && invite.external_limited !== request.external_limited) throw otherTerms(invite);
  return invite;
};

/** Somebody else is at work on the same invite. @param lease what is left of theirs, in ms. */
export const inProgress = (lease: number): InviteError =>
  new InviteError('InProgress', {
    code: 'in_progress',
    detail: 'the same invitation is being sent right now; ask again after retry_after seconds',
    retryAfter: Math.min(Math.max(Math.ceil(lease / 1000), 1), MAX_RETRY_AFTER),
  });

export const outcomeUnknown = ({ attempts }: Invite) =>
  new InviteError('OutcomeUnknown', {
    code: 'outcome_unknown',
    detail: `an earlier call may have sent this invitation: look in Slack; if it is not there, ask again with resend ${attempts}`,
    attempts,
    status: 409, // the call that met it got 504
  });

/** A guessed number must not send: a resend is a compare-and-swap on what the caller saw. */
const neverSeen = ({ attempts }: Invite) =>
  new InviteError('Conflict', {
    code: 'resend_ahead',
    detail: `the invite shows attempts ${attempts}, which is less than resend says: look at the invite, and ask again with resend ${attempts} if it is to be sent once more`,
    attempts,
  });

const otherTerms = ({ external_limited, attempts }: Invite) =>
  new InviteError('Conflict', {
    code: 'live_invite_with_other_terms',
    detail: `a live invitation with external_limited=${external_limited} exists; to send another one with other terms, ask with resend ${attempts}`,
    attempts,
  });

const waitsWithOtherTerms = ({ external_limited, attempts }: Invite) =>
  new InviteError('Conflict', {
    code: 'queued_with_other_terms',
    detail: `the invitation waits to be sent with external_limited=${external_limited}: ask again once it has left the queue`,
    attempts,
  });

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
