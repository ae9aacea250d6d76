import type { DetailType, Invite, Telling } from './invite.ts';
import type { Abortable } from './invocation.ts';

/**
 * Tells. Whatever happens, it ends soon: nobody's outcome waits for it.
 * @returns whether all was taken; if not, it is told later.
 */
export type Tell = (tellings: readonly Telling[], invocation: Abortable) => Promise<boolean>;

/** @returns what a step from one status to the next is to others, in its order. */
export const tellingsOf = (before: Invite | undefined, after: Invite): Telling[] => {
  if (before?.status === after.status) return [];
  switch (after.status) {
    case 'accepted':
      return [tellingOf('Invite Accepted', after)];
    case 'connected':
      return [
        // A connection implies it, whether or not anybody was told before.
        ...(before?.status === 'accepted' ? [] : [tellingOf('Invite Accepted', after)]),
        tellingOf('Invite Connected', after),
      ];
    case 'declined':
      return [tellingOf('Invite Declined', after)];
    case 'revoked':
      return [tellingOf('Invite Revoked', after)];
    case 'expired':
      return [tellingOf('Invite Expired', after)];
    default:
      return [];
  }
};

/** @returns what a call to Slack, or a request that came to none, is to others. */
export const tellingOfCall = (
  outcome: 'sent' | 'already_in_channel' | 'unknown' | 'nothing' | 'cancelled',
  after: Invite,
): Telling[] => {
  switch (outcome) {
    case 'sent':
      return [tellingOf('Invite Sent', after)];
    case 'unknown':
      return [tellingOf('Invite Unknown', after)];
    case 'nothing':
      return [tellingOf('Invite Failed', after)];
    case 'cancelled':
      return [tellingOf('Invite Cancelled', after)];
    case 'already_in_channel':
      return [];
  }
};

/** The detail has the fields of the invite but the recipient, and of an error its class and code. */
export const tellingOf = (type: DetailType, invite: Invite): Telling => {
  const { recipient: _, source, error, ...told } = invite;
  const { caller, ...door } = source;
  return {
    type,
    at: invite.updated_at,
    detail: {
      ...told,
      // The `sub` of a token may be somebody's address.
      source: { ...door, ...(caller !== undefined && !caller.includes('@') && { caller }) },
      ...(error && { error: { class: error.class, code: error.code } }),
    },
  };
};
