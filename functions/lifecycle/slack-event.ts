import { CHANNEL_ID } from '../invites/request.ts';

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
