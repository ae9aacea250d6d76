import { createHash } from 'node:crypto';
import type { InviteCall } from './rules.ts';

/** An invitation is open for 14 days, and so is an acceptance that waits for its approval. */
export const LIFETIME_SECONDS = 14 * 24 * 60 * 60;

/** That somebody accepted; times are Unix seconds. */
export type Acceptance = {
  team: string;
  user: string;
  date_accepted: number;
  date_invalid: number;
  /** Whose approval it still waits for. */
  awaits: string[];
  reviews: { team: string; date: number }[];
};

/**
 * An invitation that was sent, with the field names of `conversations.listConnectInvites`
 * (https://docs.slack.dev/reference/methods/conversations.listConnectInvites). Times are Unix
 * seconds. `link` is a bearer secret.
 */
export type Invite = {
  id: string;
  channel: string;
  date_created: number;
  date_invalid: number;
  date_last_updated: number;
  inviting_team: string;
  inviting_user: string;
  /** The app that invited, which gets the events. */
  app: string;
  recipient_email?: string;
  recipient_user_id?: string;
  external_limited: boolean;
  /** A held one waits for an admin: nobody has been notified. */
  status: Status;
  acceptance: Acceptance | null;
  /** How it ended, if not by the clock. */
  ended: 'declined' | 'revoked' | null;
  link: string;
};

export type Status = 'sent' | 'held';

export type InviteState =
  | 'held'
  | 'sent'
  | 'accepted'
  | 'connected'
  | 'declined'
  | 'revoked'
  | 'expired';

/**
 * @param number how many invitations there are, this one included. Everything derived from it is
 *   the same at every start.
 * @param now the time in ms.
 */
export function createInvite(
  number: number,
  { token, channel, request }: InviteCall,
  status: Status,
  now: number,
): Invite {
  const id = `I0${number.toString(36).toUpperCase().padStart(9, '0')}`;
  const created = Math.floor(now / 1000);
  const [email] = request.emails;
  const [userId] = request.user_ids;
  return {
    id,
    channel: request.channel,
    date_created: created,
    date_invalid: created + LIFETIME_SECONDS,
    date_last_updated: created,
    inviting_team: channel.workspace,
    inviting_user: token.user,
    app: token.app,
    ...(email === undefined ? {} : { recipient_email: email }),
    ...(userId === undefined ? {} : { recipient_user_id: userId }),
    external_limited: request.external_limited,
    status,
    acceptance: null,
    ended: null,
    link: `https://join.slack.example/share/${confirmationCode(id)}`,
  };
}

/**
 * What became of an invitation. Its `status` does not say: at Slack it stays `sent`.
 * @param now the time in ms.
 */
export function stateOf(invite: Invite, now: number): InviteState {
  const { status, ended, acceptance, date_invalid } = invite;
  if (ended) return ended;
  if (acceptance?.awaits.length === 0) return 'connected';
  if (now >= (acceptance ?? { date_invalid }).date_invalid * 1000) return 'expired';
  if (acceptance) return 'accepted';
  return status;
}

/** The same invitation with its state, as the sandbox shows it. */
export const withState = (invite: Invite, now: number) => ({
  ...invite,
  state: stateOf(invite, now),
});

/**
 * @param now the time in ms.
 * @returns whether the invitation is to that channel and can still be accepted.
 */
export const isOpen = (invite: Invite, id: string, now: number): boolean =>
  invite.channel === id && ['sent', 'accepted'].includes(stateOf(invite, now));

/** @returns the code at the end of an invitation's link. */
export const confirmationCode = (inviteId: string): string =>
  `enQt${createHash('sha256').update(inviteId).digest('base64url')}`;
