import type { Status } from '../../functions/invites/invite.ts';

/** What the ledger can hold when an ask comes. `claimed`: somebody is at work before the call. */
export type Row = Status | 'none' | 'claimed';

/**
 * `again`: the same ask. `resend`: with the `attempts` that the invite shows. `resend ahead`: with
 * more. `repeated resend`: with fewer. `other terms`: with another `external_limited`, no `resend`.
 */
export type Column = 'again' | 'resend' | 'resend ahead' | 'repeated resend' | 'other terms';

/** `returns`: the invite as it is, nothing is sent. The rest are error classes. */
export type Answer = 'sends' | 'returns' | 'Conflict' | 'OutcomeUnknown' | 'InProgress';

const row = (
  again: Answer,
  resend: Answer,
  resendAhead: Answer,
  repeatedResend: Answer,
  otherTerms: Answer,
): Record<Column, Answer> => ({
  again,
  resend,
  'resend ahead': resendAhead,
  'repeated resend': repeatedResend,
  'other terms': otherTerms,
});

const DEAD = row('sends', 'sends', 'Conflict', 'returns', 'sends');
const LIVE = row('returns', 'sends', 'Conflict', 'returns', 'Conflict');
const BUSY = row('InProgress', 'InProgress', 'InProgress', 'InProgress', 'InProgress');

/** The ledger's promise, written down once more, independently of its code. */
export const TRANSITIONS: Record<Row, Record<Column, Answer>> = {
  none: row('sends', 'sends', 'Conflict', 'sends', 'sends'),
  failed: DEAD,
  cancelled: DEAD,
  declined: DEAD,
  revoked: DEAD,
  expired: DEAD,
  already_in_channel: DEAD,
  sent: LIVE,
  accepted: LIVE,
  connected: LIVE,
  // The remedy says to look first; a repeated resend has been carried out, nobody knows how well.
  unknown: row('OutcomeUnknown', 'sends', 'Conflict', 'OutcomeUnknown', 'OutcomeUnknown'),
  // It is on its way, with a resend or without.
  queued: row('returns', 'returns', 'Conflict', 'returns', 'Conflict'),
  claimed: BUSY,
  sending: BUSY,
};
