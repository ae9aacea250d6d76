import { find } from './fields.ts';
import { readBoolean } from './invite-request.ts';
import { type Acceptance, type Invite, type InviteState, stateOf } from './invites.ts';
import { type Caller, type Rules, worksIn } from './rules.ts';
import type { Channel, Workspace, World } from './world-schema.ts';

// Each rule follows the row of its code in the error table of the method's page,
// https://docs.slack.dev/reference/methods/ and the method's name. What the page leaves open is our
// own reading; rules.ts has the principle.

/** A call of `conversations.acceptSharedInvite`; arguments that are left out are empty. */
export type AcceptCall = Caller & {
  world: World;
  channel_name: unknown;
  invite_id: unknown;
  channel_id: unknown;
  is_private: unknown;
  trial: boolean;
  /** The workspace to accept in. */
  team: string;
};

export const INVITE_ID = /^I[A-Z\d]{7,14}$/;

/** A name that Slack takes for a channel: https://docs.slack.dev/reference/methods/conversations.create */
const nameOf = ({ channel_name }: AcceptCall) => String(channel_name);
const RESERVED = ['channel', 'everyone', 'group', 'here', 'me', 'team'];

const targetOf = ({ world, team }: AcceptCall): Workspace | undefined =>
  find(world.workspaces, team);

/** Whether two workspaces are the same, or of one organization. */
const areOfOneOrg = (world: World, one: string, other: string): boolean => {
  const [mine, theirs] = [one, other].map((id) => find(world.workspaces, id)?.enterprise ?? id);
  return mine === theirs;
};

/** Whether the arguments of an acceptance, and the accepting workspace, are good for one. */
export const acceptCallRules = {
  invalid_arguments: ({ token, team, invite_id, channel_id }) =>
    [invite_id, channel_id].some((id) => typeof id !== 'string') ||
    invite_id === channel_id ||
    (token.org_wide && team === ''),
  invalid_link: ({ invite_id }) => invite_id !== '' && !INVITE_ID.test(String(invite_id)),
  invalid_privacy: ({ is_private }) => readBoolean(is_private) === undefined,
  invalid_name_required: (call) => nameOf(call) === '',
  invalid_name_maxlength: (call) => [...nameOf(call)].length > 80,
  invalid_emoji_not_allowed: (call) => /\p{Extended_Pictographic}|:[\w+-]+:/u.test(nameOf(call)),
  invalid_name_punctuation: (call) => /^[\p{P}\p{S}]+$/u.test(nameOf(call)),
  invalid_name_specials: (call) => !/^[\p{Ll}\p{Lo}\p{M}\p{N}_-]+$/u.test(nameOf(call)),
  invalid_name: (call) => RESERVED.includes(nameOf(call)),
  team_not_found: (call) => targetOf(call) === undefined,
  invalid_target_team: ({ world, token, team }) => !areOfOneOrg(world, token.workspace, team),
  user_not_found: ({ token, team }) => !worksIn(token).includes(team),
  not_paid: (call) => !targetOf(call)?.paid && !call.trial,
  failed_to_start_trial: (call) => call.trial && targetOf(call)?.paid === true,
  not_allowed_for_grid_workspace: (call) => !targetOf(call)?.slack_connect,
  user_cannot_create_channel: ({ user }) => !user.may_create_channels,
  restricted_action: (call) =>
    readBoolean(call.is_private) === true && !targetOf(call)?.private_channels,
  name_taken: ({ world, team, ...call }) =>
    Object.values(world.channels).some(
      ({ workspace, name }) => workspace === team && name === call.channel_name,
    ),
} satisfies Rules<AcceptCall, string>;

/** An acceptance of an invitation that exists. */
export type Acceptable = AcceptCall & {
  invite: Invite;
  channel: Channel;
  state: InviteState;
  /** Other invitations to the channel. */
  others: Invite[];
  now: number;
};

/** Whether this invitation can be accepted by this caller. */
export const acceptRules = {
  invalid_link: ({ state }) => ['held', 'declined', 'revoked', 'expired'].includes(state),
  invite_used: ({ state }) => state === 'accepted' || state === 'connected',
  invalid_host_team: ({ world, invite }) =>
    find(world.workspaces, invite.inviting_team)?.deleted !== false,
  invite_from_same_org: ({ world, invite, team }) => areOfOneOrg(world, invite.inviting_team, team),
  invalid_recipient_team: ({ world, invite: { recipient_user_id: id }, team }) =>
    id !== undefined && find(world.users, id)?.workspace !== team,
  email_does_not_match: ({ user, token, invite }) =>
    invite.recipient_user_id === undefined
      ? user.email?.toLowerCase() !== invite.recipient_email?.toLowerCase()
      : token.user !== invite.recipient_user_id,
  has_already_connected_to_org: ({ world, channel, team }) =>
    channel.connected.some((id) => areOfOneOrg(world, id, team)),
  is_pending_connected_to_org: ({ world, others, team, now }) =>
    others.some(
      (other) =>
        stateOf(other, now) === 'accepted' &&
        areOfOneOrg(world, other.acceptance?.team ?? '', team),
    ),
  legacy_connection_limit_exceeded: ({ channel }) =>
    channel.legacy_shared && channel.connected.length > 0,
  legacy_connection_invalid_org: ({ channel, team }) =>
    channel.legacy_shared && !channel.formerly_connected.includes(team),
  connection_limit_exceeded: ({ channel }) => channel.connected.length >= channel.connection_limit,
  channel_conversion_in_progress: ({ channel }) => channel.converting,
  user_required_to_accept_as_private_but_cannot: ({ invite, ...call }) =>
    invite.external_limited && !targetOf(call)?.private_channels,
} satisfies Rules<Acceptable, string>;

/** An approval or a refusal of an invitation that the caller's side sent or accepted. */
export type Review = Caller & {
  world: World;
  invite: Invite;
  state: InviteState;
  acceptance: Acceptance | null;
  /** The caller's side, of the two. */
  side: string;
  target_team: unknown;
};

const lacksTarget = ({ side, invite, target_team }: Review) =>
  side === invite.inviting_team && target_team === '';

/** Whether there is no acceptance, or it is of others than the call says. */
const lacksApproval = ({ world, side, invite, acceptance, target_team }: Review) => {
  if (!acceptance || target_team === '') return !acceptance;
  const other = side === invite.inviting_team ? acceptance.team : invite.inviting_team;
  return target_team !== other && target_team !== find(world.workspaces, other)?.enterprise;
};

export const approveRules = {
  not_paid: ({ workspace }) => !workspace.paid,
  missing_target_team: lacksTarget,
  approval_not_found: lacksApproval,
  invalid_action: ({ state }) => state === 'connected',
  approval_inactive: ({ state }) => state !== 'accepted',
  channel_not_found: ({ world, invite }) => !find(world.channels, invite.channel),
  restricted_action: ({ world, workspace, invite }) =>
    !workspace.private_channels && find(world.channels, invite.channel)?.kind === 'private',
  channel_conversion_in_progress: ({ world, invite }) =>
    find(world.channels, invite.channel)?.converting === true,
  already_approved: ({ acceptance, side }) => acceptance?.awaits.includes(side) === false,
} satisfies Rules<Review, string>;

export const declineRules = {
  not_paid: ({ workspace }) => !workspace.paid,
  restricted_action: ({ workspace }) => !workspace.invite_reviews,
  missing_target_team: lacksTarget,
  inactive_invite: ({ state, acceptance }) =>
    state === 'revoked' || (state === 'expired' && !acceptance),
  approval_not_found: lacksApproval,
  approval_inactive: ({ state }) => state !== 'accepted',
} satisfies Rules<Review, string>;
