import { find } from './fields.ts';
import { type InviteCall, type Rules, worksIn } from './rules.ts';

/** Whether the channel exists for the caller, and can be shared at all. */
export const channelRules: Rules<InviteCall> = {
  // "not granted the specific workspace access"
  team_access_not_granted: (call) => isOfUngrantedWorkspace(call),
  // "was not found"
  channel_not_found: (call) => !isAround(call) || isHidden(call),
  // "MPDMs or DMs"
  invalid_channel_type: ({ channel }) => channel.kind === 'im' || channel.kind === 'mpim',
  // "an archived channel"
  channel_archived: ({ channel }) => channel.archived,
  // "#general or mandatory channels"
  cannot_share_mandatory_channel: ({ channel }) => channel.mandatory,
  // "a cross-workspace or org-wide channel"
  cannot_share_cross_workspace_channel: ({ channel }) => channel.reach !== 'workspace',
  // "Only the host organization"
  not_owner: (call) => !isHost(call),
  // "cannot be shared"
  not_supported: ({ channel }) => !channel.shareable,
  // "The app is not a member"
  not_in_channel: (call) => !isMember(call),
};

/** Whether the caller's workspace, and its place in the channel, permit the invitation. */
export const senderRules: Rules<InviteCall> = {
  // "only available to paid teams"
  not_paid: ({ workspace }) => !workspace.paid,
  // "does not have Slack Connect enabled"
  not_allowed_for_grid_workspace: ({ workspace }) => !workspace.slack_connect,
  // "Administrators have suspended the ability to post"
  ekm_access_denied: ({ workspace }) => workspace.ekm_suspended,
  // "does not have the permissions": those that the channel demands of people who post in it
  no_permission: (call) => call.channel.posting === 'managers' && !isManager(call),
  // "does not have permission to invite an external user": anywhere, or in this channel
  no_external_invite_permission: (call) =>
    !call.user.may_invite_external ||
    (call.channel.external_invites === 'managers' && !isManager(call)),
  // "A team preference does not allow": for this kind of invitation, as in the page's section on
  // external_limited
  restricted_action: ({ workspace, request }) =>
    !(request.external_limited ? workspace.invitations.limited : workspace.invitations.full),
};

/** Whether there is room for one more in the channel. */
export const roomRules: Rules<InviteCall> = {
  // "a legacy ESC channel with a third team"
  legacy_connection_limit_exceeded: ({ channel }) =>
    channel.legacy_shared && channel.connected.length > 0,
  // "the limit of external connections"
  connection_limit_exceeded: ({ channel }) => channel.connected.length >= channel.connection_limit,
  // "already has a pending invite": as the setting says, any at all, or one that holds the last
  // place
  connection_limit_exceeded_pending: (call) =>
    call.settings.pending_invitations === 'block'
      ? call.channel.pending_invites + call.open() > 0
      : placesTaken(call) >= call.channel.connection_limit,
  // "the limit of members"
  member_limit_exceeded: ({ channel }) => channel.members.length >= channel.member_limit,
};

const isHost = ({ token, channel }: InviteCall) => worksIn(token).includes(channel.workspace);

const isMember = ({ channel, token }: InviteCall) => channel.members.includes(token.user);

const isManager = ({ channel, token }: InviteCall) => channel.managers.includes(token.user);

/** Whether the channel is one of the caller's workspaces', as the host or as a guest. */
const isAround = (call: InviteCall) =>
  isHost(call) || worksIn(call.token).some((id) => call.channel.connected.includes(id));

/** To an app that is not in it, a channel that is not public does not exist. */
const isHidden = (call: InviteCall) => call.channel.kind !== 'public' && !isMember(call);

/** Whether an org-wide app calls for a workspace of its organization where it is not installed. */
const isOfUngrantedWorkspace = ({ token, workspace, world, channel }: InviteCall) =>
  token.org_wide &&
  find(world.workspaces, channel.workspace)?.enterprise === workspace.enterprise &&
  !token.granted.includes(channel.workspace);

const placesTaken = ({ channel, settings, open }: InviteCall): number =>
  channel.connected.length +
  channel.pending_invites +
  (settings.pending_invitations === 'count' ? open() : 0);
