import { type InviteError, ownError, type Reason } from '../errors/invite-error.ts';
import { IN_PROGRESS_RETRY_S } from '../lib/times.ts';
import { asItReads, type Invite, inForce, type Status, type StoredInvite } from './invite.ts';
import type { InviteRequest } from './request.ts';

/** What a request that finds an invite leads to: a new call, the invite as it is, or a refusal. */
const FOUND: Record<Status, 'send' | 'return' | 'refuse' | 'wait' | 'queue'> = {
  queued: 'queue',
  failed: 'send',
  cancelled: 'send',
  declined: 'send',
  revoked: 'send',
  expired: 'send',
  already_in_channel: 'send',
  sent: 'return',
  accepted: 'return',
  connected: 'return',
  unknown: 'refuse',
  sending: 'wait',
};

/**
 * Decides what a request leads to, given what the ledger holds.
 * @returns the invite if it is to be returned as it is, `undefined` if Slack is to be called.
 * @throws InviteError `InProgress`, `Conflict`, or `OutcomeUnknown`.
 */
export const decide = (
  stored: StoredInvite | undefined,
  request: InviteRequest,
  now: number,
): Invite | undefined => {
  if (stored?.claim && inForce(stored.claim, now)) throw inProgress(stored.claim.until - now);
  const invite = behindResend(stored, request, now) ?? asItReads(stored, now);
  const { resend } = request;
  // A guessed number must not send: a resend is a compare-and-swap on what the caller saw.
  const attempts = invite?.attempts ?? 0;
  if (resend !== undefined && resend > attempts) {
    throw ownError('resend_ahead', { attempts }, { attempts });
  }
  if (!invite) return undefined;

  const next = FOUND[invite.status];
  // It is on its way: another request changes nothing, with a resend or without.
  if (next === 'queue') {
    if (invite.external_limited !== request.external_limited) {
      throw withTerms('queued_with_other_terms', invite);
    }
    return invite;
  }
  // A resend that has been carried out already was repeated.
  const repeated = resend !== undefined && resend < attempts;
  if (resend !== undefined && !repeated) return undefined;

  if (next === 'refuse') throw outcomeUnknown(invite);
  if (next === 'send') return repeated ? invite : undefined;
  if (!repeated && invite.external_limited !== request.external_limited) {
    throw withTerms('live_invite_with_other_terms', invite);
  }
  return invite;
};

/**
 * Decides about a request to cancel what does not wait in the queue.
 * @returns the invite if it was cancelled already.
 * @throws InviteError `Conflict`, which says what can still be done, and by whom; `NotFound`
 */
export const decideCancel = (invite: Invite | undefined): Invite => {
  if (!invite) throw ownError('no_such_invite');
  const { status, error } = invite;
  if (status === 'cancelled' || error?.code === 'cancelled') return invite;
  throw ownError(FOUND[status] === 'send' ? 'nothing_to_cancel' : 'cannot_take_back', { status });
};

/**
 * A plain request that meets a resend in the queue must not start it: somebody else wants that one,
 * and may never have started it.
 * @returns the invite before the resend, as the plain request reads it; undefined where there is no
 *   such resend, or where a plain request would have sent, too.
 */
const behindResend = (
  stored: StoredInvite | undefined,
  { resend }: InviteRequest,
  now: number,
): Invite | undefined => {
  const { queue } = stored ?? {};
  if (!stored || resend !== undefined || queue?.resend === undefined) return undefined;
  const invite = queue.previous && asItReads({ ...stored, invite: queue.previous }, now);
  return invite && FOUND[invite.status] !== 'send' ? invite : undefined;
};

/** Somebody else is at work on the same invite. @param lease what is left of theirs, in ms. */
export const inProgress = (lease: number): InviteError => {
  const seconds = Math.max(Math.ceil(lease / 1000), 1);
  return ownError('in_progress', {}, { retryAfter: Math.min(seconds, IN_PROGRESS_RETRY_S) });
};

export const outcomeUnknown = ({ attempts }: Invite) =>
  ownError('outcome_unknown', { attempts }, { attempts });

const withTerms = (
  code: 'live_invite_with_other_terms' | 'queued_with_other_terms',
  { external_limited, attempts }: Invite,
) => ownError(code, { external_limited, attempts }, { attempts });

/** An invite that stands for nothing, not even for an invitation of the past. */
const NEVER_SENT: readonly Status[] = ['failed', 'cancelled'];

/** What came of a call to Slack. `nothing`: it certainly sent no invitation. */
export type Settlement =
  | { status: 'sent'; slack: NonNullable<Invite['slack']>; proved_by?: string }
  | { status: 'already_in_channel' }
  | { status: 'unknown' | 'nothing' | 'cancelled'; error: Reason };

/**
 * The invite after a call.
 * @param sending the invite as it was marked right before the call.
 * @param previous the invite before that, if there was one. A call that did nothing leaves it
 *   standing, `attempts` included, and the same `resend` can be sent again.
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
      return { ...sending, ...outcome, updated_at: at };
    case 'already_in_channel':
      return { ...called, status: 'already_in_channel', attempts: before, updated_at: at };
    case 'unknown':
      return { ...sending, status: 'unknown', error: { ...outcome.error, at }, updated_at: at };
    case 'cancelled': // a person's wish, while an earlier invitation may be out
    case 'nothing': {
      const [status, ended] =
        outcome.status === 'cancelled'
          ? (['cancelled', previous && FOUND[previous.status] === 'send'] as const)
          : (['failed', previous && NEVER_SENT.includes(previous.status)] as const);
      const stands = previous && !ended;
      const invite: Invite = stands ? previous : { ...called, status, attempts: before };
      return { ...invite, error: { ...outcome.error, at }, updated_at: at };
    }
  }
};
