import { createHash } from 'node:crypto';
import type { InviteCall } from './rules.ts';

/** An invitation is open for 14 days. */
const LIFETIME_SECONDS = 14 * 24 * 60 * 60;

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
  inviting_team: string;
  inviting_user: string;
  recipient_email?: string;
  recipient_user_id?: string;
  external_limited: boolean;
  /** A held one waits for an admin: nobody has been notified. */
  status: Status;
  link: string;
};

export type Status = 'sent' | 'held';

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
    inviting_team: channel.workspace,
    inviting_user: token.user,
    ...(email === undefined ? {} : { recipient_email: email }),
    ...(userId === undefined ? {} : { recipient_user_id: userId }),
    external_limited: request.external_limited,
    status,
    link: `https://join.slack.example/share/${confirmationCode(id)}`,
  };
}

/**
 * @param now the time in ms.
 * @returns whether the invitation is to that channel and can still be accepted.
 */
export const isOpen = (
  { channel, status, date_invalid }: Invite,
  id: string,
  now: number,
): boolean => channel === id && status === 'sent' && now < date_invalid * 1000;

/** @returns the code at the end of an invitation's link. */
export const confirmationCode = (inviteId: string): string =>
  `enQt${createHash('sha256').update(inviteId).digest('base64url')}`;
