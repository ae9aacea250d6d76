import { type Ask, type Rule, worksIn } from './rules.ts';
import { find } from './world-types.ts';

/** Whether the channel is there for the caller, and can be shared at all. */
export const channelRules: readonly Rule<Ask>[] = [
  // "not granted the specific workspace access"
  { code: 'team_access_not_granted', refuses: (ask) => isOfUngrantedWorkspace(ask) },
  // "was not found"
  { code: 'channel_not_found', refuses: (ask) => !isAround(ask) || isHidden(ask) },
  // "MPDMs or DMs"
  {
    code: 'invalid_channel_type',
    refuses: ({ channel }) => channel.kind === 'im' || channel.kind === 'mpim',
  },
  // "an archived channel"
  { code: 'channel_archived', refuses: ({ channel }) => channel.archived },
  // "#general or mandatory channels"
  { code: 'cannot_share_mandatory_channel', refuses: ({ channel }) => channel.mandatory },
  // "a cross-workspace or org-wide channel"
  {
    code: 'cannot_share_cross_workspace_channel',
    refuses: ({ channel }) => channel.reach !== 'workspace',
  },
  // "Only the host organization"
  { code: 'not_owner', refuses: (ask) => !isHost(ask) },
  // "cannot be shared"
  { code: 'not_supported', refuses: ({ channel }) => !channel.shareable },
  // "The app is not a member"
  { code: 'not_in_channel', refuses: (ask) => !isMember(ask) },
];

const isHost = ({ token, channel }: Ask) => worksIn(token).includes(channel.workspace);

const isMember = ({ channel, token }: Ask) => channel.members.includes(token.user);

/** Whether the channel is one of the caller's workspaces', as the host or as a guest. */
const isAround = (ask: Ask) =>
  isHost(ask) || worksIn(ask.token).some((id) => ask.channel.connected.includes(id));

/** To an app that is not in it, a channel that is not public does not exist. */
const isHidden = (ask: Ask) => ask.channel.kind !== 'public' && !isMember(ask);

/** Whether an org-wide app asks for a workspace of its organization where it is not installed. */
function isOfUngrantedWorkspace({ token, workspace, world, channel }: Ask): boolean {
  const enterprise = find(world.workspaces, channel.workspace)?.enterprise;
  return (
    token.org_wide &&
    enterprise === workspace.enterprise &&
    !token.granted.includes(channel.workspace)
  );
}
