import type { Abortable, Invocation } from '../invites/invocation.ts';
import { CHANNEL_ID } from '../invites/request.ts';
import { type Delivery, MAX_BODY_BYTES, UnreadableDelivery } from '../webhooks/delivery.ts';
import { parseBody } from '../webhooks/parse.ts';
import { type Secrets, withNewest } from '../webhooks/secrets.ts';
import { type AuthRefusal, type DeliveryAuth, verify } from '../webhooks/verify.ts';

/** Slack's signatures. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
const SLACK_AUTH: DeliveryAuth = {
  hmac: {
    hash: 'sha256',
    header: 'x-slack-signature',
    prefix: 'v0=',
    encoding: 'hex',
    key: 'utf8',
    signed: [{ text: 'v0:' }, { header: 'x-slack-request-timestamp' }, { text: ':' }, 'body'],
    timestamp: {
      header: 'x-slack-request-timestamp',
      format: 'seconds',
      toleranceSeconds: 300,
    },
  },
};

/** What the secrets of the door are called. */
export const SLACK = 'slack';

/** What a delivery came to. */
export type SlackEventResult =
  | { refused: AuthRefusal | 'body_too_large' | UnreadableDelivery['code']; status: number }
  | { challenge: string }
  | { ignored: (typeof TYPES)[number] | 'other' }
  | { event: SlackEvent; followed: Followed };

/** What an event came to; `foreign`: about an invitation that somebody else has sent. */
export type Followed = 'changed' | 'known' | 'foreign' | 'alarm';

/** @throws InviteError where the table cannot be used. */
export type Follow = (event: SlackEvent, invocation: Abortable) => Promise<Followed>;

export type EventDoor = (delivery: Delivery, invocation: Invocation) => Promise<SlackEventResult>;

type Ports = { secrets: Secrets; follow: Follow; now?: () => number };

/**
 * The order of the door, as of the one for HR systems: size, signature, time window, and only then
 * the body. Nothing is parsed that Slack has not signed, and its sender learns nothing but 401.
 * @throws InviteError where the secret or the table cannot be used: Slack sends the event again.
 */
export const createEventDoor =
  ({ secrets, follow, now = Date.now }: Ports): EventDoor =>
  async (delivery, invocation) => {
    // Slack's events have some kilobytes. A sender of more is not Slack, and hears the same.
    if (delivery.body.length > MAX_BODY_BYTES) return { refused: 'body_too_large', status: 401 };
    const verdict = await withNewest(secrets, SLACK, (known) =>
      verify(SLACK_AUTH, known, delivery, now()),
    );
    if (verdict !== 'verified') return { refused: verdict, status: 401 };

    let body: object;
    try {
      body = await parseBody({ body: 'json' }, delivery);
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      return { refused: error.code, status: error.status };
    }
    const told = readDelivery(body);
    if (!('event' in told)) return told;
    return { event: told.event, followed: await follow(told.event, invocation) };
  };

/** An invitation, as Slack's events tell of it. No name and no address but the recipient's is read. */
export type ToldInvite = {
  id: string;
  /** Epoch milliseconds. */
  createdAt: number;
  channel: string;
  /** As they were given to Slack: an address, a user id, or both. */
  recipients: { kind: 'email' | 'user_id'; value: string }[];
  invitingTeam: string | undefined;
  /** Whether the app that the event goes to has sent it. */
  isOurs: boolean;
  /** The workspaces in the channel by then. */
  teams: string[];
};

/** What an event says. `at`: when it happened, ISO 8601. */
export type SlackEvent =
  | ({ type: 'shared_channel_invite_accepted'; at: string; invite: ToldInvite } & Accepted)
  | { type: 'shared_channel_invite_approved'; at: string; invite: ToldInvite; team?: string }
  | { type: 'shared_channel_invite_declined'; at: string; invite: ToldInvite }
  | { type: 'channel_shared' | 'channel_unshared'; at: string; channel: string; team: string }
  | { type: 'channel_id_changed'; at: string; channel: string; before: string }
  | { type: 'tokens_revoked' | 'app_uninstalled'; at: string };

type Accepted = { team?: string; approvalRequired: boolean };

export const TYPES = [
  'shared_channel_invite_accepted',
  'shared_channel_invite_approved',
  'shared_channel_invite_declined',
  'channel_shared',
  'channel_unshared',
  'channel_id_changed',
  'tokens_revoked',
  'app_uninstalled',
] as const;

type Json = Record<string, unknown>;

/** A delivery: a challenge, an event, or one that is not for us: of which type, if that is a known one. */
export type Told =
  | { challenge: string }
  | { event: SlackEvent }
  | { ignored: (typeof TYPES)[number] | 'other' };

/**
 * Reads a delivery of Slack's Events API. What lacks anything that it needs is ignored, since Slack
 * would only send it again.
 * @see https://docs.slack.dev/apis/events-api
 */
export const readDelivery = (body: object): Told => {
  const { type, challenge, event, event_time, authorizations } = body as Json;
  if (type === 'url_verification' && typeof challenge === 'string' && challenge.length <= 2048) {
    return { challenge };
  }
  const told = objectOf(event);
  const known = TYPES.find((one) => one === told.type);
  if (type !== 'event_callback' || !known) return { ignored: 'other' };
  const at = timeOf(told.event_ts, event_time);
  const read = at && readEvent(known, at, told, authorizations);
  return read ? { event: read } : { ignored: known };
};

const readEvent = (
  type: (typeof TYPES)[number],
  at: string,
  event: Json,
  authorizations: unknown,
): SlackEvent | undefined => {
  switch (type) {
    case 'tokens_revoked':
    case 'app_uninstalled':
      return { type, at };
    case 'channel_id_changed': {
      const [before, channel] = [
        matching(event.old_channel_id, CHANNEL_ID),
        matching(event.new_channel_id, CHANNEL_ID),
      ];
      return before && channel && before !== channel ? { type, at, channel, before } : undefined;
    }
    case 'channel_shared':
    case 'channel_unshared': {
      const channel = matching(event.channel, CHANNEL_ID);
      const team = teamOf(event.connected_team_id ?? event.previously_connected_team_id);
      return channel && team ? { type, at, channel, team } : undefined;
    }
    default: {
      const invite = readInvite(event, authorizations);
      if (!invite) return undefined;
      if (type === 'shared_channel_invite_declined') return { type, at, invite };
      if (type === 'shared_channel_invite_approved') {
        const approving = teamOf(event.approving_team_id);
        // Our own side's approval does not say whose acceptance it approves.
        const isTheirs = approving !== undefined && approving !== invite.invitingTeam;
        return { type, at, invite, ...(isTheirs && { team: approving }) };
      }
      const team = teamOf(objectOf(event.accepting_user).team_id);
      const approvalRequired = event.approval_required !== false;
      return { type, at, invite, approvalRequired, ...(team && { team }) };
    }
  }
};

const readInvite = (event: Json, authorizations: unknown): ToldInvite | undefined => {
  const invite = objectOf(event.invite);
  const id = matching(invite.id, /^\w{1,64}$/);
  const channel = matching(objectOf(event.channel).id, CHANNEL_ID);
  if (!id || !channel) return undefined;
  const { recipient_email: email, recipient_user_id: user, date_created: created } = invite;
  const inviter = objectOf(invite.inviting_user).id;
  const bots = listOf(authorizations).map((one) => objectOf(one).user_id);
  return {
    id,
    createdAt: typeof created === 'number' ? created * 1000 : 0,
    channel,
    recipients: [
      ...(typeof email === 'string' ? [{ kind: 'email' as const, value: email }] : []),
      ...(typeof user === 'string' ? [{ kind: 'user_id' as const, value: user }] : []),
    ],
    invitingTeam: teamOf(objectOf(invite.inviting_team).id),
    isOurs: typeof inviter === 'string' && bots.includes(inviter),
    teams: listOf(event.teams_in_channel).flatMap((team) => teamOf(objectOf(team).id) ?? []),
  };
};

/** @param ts of the event, such as `1626877800.000000`. @param seconds of the delivery. */
const timeOf = (ts: unknown, seconds: unknown): string | undefined => {
  const time = typeof ts === 'string' && /^\d{9,11}(\.\d+)?$/.test(ts) ? Number(ts) : seconds;
  const isTime = typeof time === 'number' && time > 0 && time < 1e11;
  return isTime ? new Date(Math.round(time * 1000)).toISOString() : undefined;
};

/** A workspace, or an organisation. */
const teamOf = (value: unknown) => matching(value, /^[TE][A-Z0-9]{2,20}$/);

const matching = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
