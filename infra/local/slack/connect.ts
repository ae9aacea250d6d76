import type { ConnectMethod } from './connect-methods.ts';
import { READ_SCOPES } from './connect-methods.ts';
import { channelCard, inviteCard, teamCard, userCard } from './event-payloads.ts';
import { find } from './fields.ts';
import { readBoolean } from './invite-request.ts';
import { type Invite, stateOf } from './invites.ts';
import { acceptInvite, approveInvite, declineInvite } from './lifecycle.ts';
import { accept, type Reply, refuse } from './reply.ts';
import { type Caller, firstRefusal, type Rules, worksIn } from './rules.ts';
import {
  acceptCallRules,
  acceptRules,
  approveRules,
  declineRules,
  INVITE_ID,
  type Review,
} from './rules-connect.ts';
import type { State } from './state.ts';
import type { Channel, World } from './world-schema.ts';

type Args = Map<string, unknown>;
type Method = (caller: Caller, args: Args, state: State) => Reply;

/** The methods that come after an invitation, each as its page describes it. */
export const CONNECT: Record<ConnectMethod, Method> = {
  'conversations.info': info,
  'conversations.listConnectInvites': listConnectInvites,
  'conversations.acceptSharedInvite': acceptSharedInvite,
  'conversations.approveSharedInvite': (caller, args, state) =>
    review(caller, args, state, approveRules, approveInvite, 'invalid_link'),
  'conversations.declineSharedInvite': (caller, args, state) =>
    review(caller, args, state, declineRules, declineInvite),
};

const invalid = (problem: string): Reply =>
  refuse('invalid_arguments', { response_metadata: { messages: [`[ERROR] ${problem}`] } });

const textOf = (args: Args, name: string): unknown => args.get(name) ?? '';

/** @see https://docs.slack.dev/reference/methods/conversations.acceptSharedInvite */
function acceptSharedInvite(caller: Caller, args: Args, state: State): Reply {
  const { world } = state;
  const { token } = caller;
  const call = {
    ...caller,
    world,
    channel_name: textOf(args, 'channel_name'),
    invite_id: textOf(args, 'invite_id'),
    channel_id: textOf(args, 'channel_id'),
    is_private: args.get('is_private') ?? false,
    trial: readBoolean(args.get('free_trial_accepted') ?? false) === true,
    team: String(args.get('team_id') ?? (token.org_wide ? '' : token.workspace)),
  };
  const bad = firstRefusal(acceptCallRules, call);
  if (bad) return refuse(bad);

  const now = state.now();
  const { invites } = state;
  const invite = call.invite_id
    ? invites.find(({ id }) => id === call.invite_id)
    : invites.findLast(
        (one) => one.channel === call.channel_id && isFor(one, world, worksIn(token)),
      );
  const channel = invite && find(world.channels, invite.channel);
  if (!invite || !channel) return refuse('invite_not_found');
  const others = invites.filter((one) => one !== invite && one.channel === invite.channel);
  const problem = firstRefusal(acceptRules, {
    ...call,
    invite,
    channel,
    others,
    now,
    state: stateOf(invite, now),
  });
  if (problem) return refuse(problem);

  acceptInvite(state, invite, { team: call.team, user: token.user });
  return accept({
    implicit_approval: invite.acceptance?.awaits.includes(call.team) === false,
    channel_id: invite.channel,
    invite_id: invite.id,
    can_open_scdm: true,
  });
}

/** Whether an invitation is for somebody of these workspaces, as far as the world knows. */
const isFor = ({ recipient_email, recipient_user_id }: Invite, world: World, teams: string[]) =>
  Object.entries(world.users).some(
    ([id, { email, workspace }]) =>
      teams.includes(workspace) &&
      (id === recipient_user_id ||
        (email !== null && email.toLowerCase() === recipient_email?.toLowerCase())),
  );

/** What approving and declining have in common: whose invitation it is, and on which side. */
function review(
  caller: Caller,
  args: Args,
  state: State,
  rules: Rules<Review, string>,
  decide: (state: State, invite: Invite, team: string, user: string) => void,
  malformed = 'invite_not_found',
): Reply {
  const id = textOf(args, 'invite_id');
  if (typeof id !== 'string' || id === '') return invalid('missing required field: invite_id');
  if (!INVITE_ID.test(id)) return refuse(malformed);
  const { world } = state;
  const invite = state.invites.find((one) => one.id === id);
  const teams = worksIn(caller.token);
  const side =
    invite &&
    [invite.inviting_team, invite.acceptance?.team].find((team) => team && teams.includes(team));
  if (!invite || (!side && !isFor(invite, world, teams))) return refuse('invite_not_found');
  const problem = firstRefusal(rules, {
    ...caller,
    world,
    invite,
    acceptance: invite.acceptance,
    state: stateOf(invite, state.now()),
    side: side ?? '',
    target_team: textOf(args, 'target_team'),
  });
  if (problem) return refuse(problem);
  decide(state, invite, side ?? '', caller.token.user);
  return accept({});
}

/** @see https://docs.slack.dev/reference/methods/conversations.listConnectInvites */
function listConnectInvites({ token, workspace }: Caller, args: Args, state: State): Reply {
  const count = Number(args.get('count') ?? 100);
  const cursor = textOf(args, 'cursor');
  const team = args.get('team_id') ?? (token.org_wide ? '' : token.workspace);
  const from = cursor === '' ? 0 : Number(/^dGVhbTo(\d+)$/.exec(String(cursor))?.[1]);
  if (!Number.isInteger(count) || count < 1 || count > 500)
    return invalid('must be 1 to 500: count');
  if (!Number.isInteger(from)) return invalid('not a cursor of this list: cursor');
  if (typeof team !== 'string' || !worksIn(token).includes(team))
    return invalid('unknown: team_id');
  if (!workspace.invite_reviews) return refuse('restricted_action');

  const now = state.now();
  const listed = state.invites.filter((invite) => {
    const { inviting_team, acceptance } = invite;
    const theirs = acceptance?.team === team || isFor(invite, state.world, [team]);
    const shown = inviting_team === team || (theirs && invite.status === 'sent');
    return shown && stateOf(invite, now) !== 'connected';
  });
  const page = listed.slice(from, from + count);
  const next = from + count < listed.length ? `dGVhbTo${from + count}` : '';
  return accept({
    invites: page.map((invite) => listItem(invite, team, state)),
    response_metadata: { next_cursor: next },
  });
}

/**
 * An item of the list, in the documented shape, or in the flat one of Slack's generated types. The
 * status stays `sent` after an acceptance.
 */
function listItem(invite: Invite, team: string, state: State) {
  const { link, acceptance } = invite;
  const { world, settings } = state;
  const now = stateOf(invite, state.now());
  const facts = {
    direction: invite.inviting_team === team ? 'outgoing' : 'incoming',
    status: ['declined', 'revoked', 'expired'].includes(now) ? now : 'sent',
    date_last_updated: invite.date_last_updated,
  };
  const core = { ...inviteCard(world, invite), link, sig: link.slice(link.lastIndexOf('/') + 1) };
  const channel = channelCard(world, invite.channel);
  const acceptances = acceptance
    ? [
        {
          approval_status: APPROVAL_STATUS[now] ?? 'pending_approval',
          date_accepted: acceptance.date_accepted,
          date_invalid: acceptance.date_invalid,
          date_last_updated: invite.date_last_updated,
          accepting_team: teamCard(world, acceptance.team),
          accepting_user: userCard(world, acceptance.user),
          reviews: acceptance.reviews.map(({ team: reviewer, date }) => ({
            type: 'approval',
            date_review: date,
            reviewing_team: { id: reviewer },
          })),
        },
      ]
    : [];
  if (settings.list_shape === 'nested') {
    return { ...facts, invite_type: 'channel', invite: core, channel, acceptances };
  }
  const { external_limited: is_external_limited } = invite;
  const invite_payload = {
    invite_type: 'channel',
    is_sponsored: false,
    is_external_limited,
    channel,
  };
  return { ...facts, ...core, invite_payload, acceptances };
}

const APPROVAL_STATUS: Record<string, string> = { connected: 'approved', declined: 'rejected' };

/** @see https://docs.slack.dev/reference/methods/conversations.info */
function info({ token }: Caller, args: Args, state: State): Reply {
  const id = args.get('channel');
  if (typeof id !== 'string' || id === '') return invalid('missing required field: channel');
  const channel = find(state.world.channels, id);
  const teams = worksIn(token);
  const around = [channel?.workspace ?? '', ...(channel?.connected ?? [])];
  const member = channel?.members.includes(token.user);
  if (!channel || !around.some((team) => teams.includes(team))) return refuse('channel_not_found');
  if (channel.kind !== 'public' && !member) return refuse('channel_not_found');
  const needed = READ_SCOPES[channel.kind];
  if (!token.scopes.includes(needed)) {
    return refuse('missing_scope', { needed, provided: token.scopes.join(',') });
  }
  const people = readBoolean(args.get('include_num_members') ?? false);
  const locale = readBoolean(args.get('include_locale') ?? false);
  return accept({
    channel: {
      ...flagsOf(id, channel, state),
      is_member: member === true,
      ...(people && { num_members: channel.members.length }),
      ...(locale && { locale: 'en-US' }),
    },
  });
}

/** What tells the truth about a channel: which workspaces are in it, and which will be. */
function flagsOf(id: string, { workspace, kind, connected, ...channel }: Channel, state: State) {
  const now = state.now();
  const pending = state.invites.flatMap((invite) =>
    invite.channel === id && stateOf(invite, now) === 'accepted'
      ? [invite.acceptance?.team as string]
      : [],
  );
  const limited = state.invites.flatMap(({ acceptance, ...invite }) =>
    invite.channel === id && invite.external_limited && acceptance ? [acceptance.team] : [],
  );
  const isPrivate = kind !== 'public';
  return {
    id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: kind === 'public' || kind === 'private',
    is_group: false,
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: isPrivate,
    is_archived: channel.archived,
    is_general: channel.mandatory,
    is_shared: connected.length > 0 || channel.reach !== 'workspace',
    is_ext_shared: connected.length > 0,
    is_org_shared: channel.reach !== 'workspace',
    is_pending_ext_shared: pending.length > 0,
    pending_shared: [...new Set(pending)],
    pending_connected_team_ids: [...new Set(pending)],
    connected_team_ids: connected,
    connected_limited_team_ids: connected.filter((team) => limited.includes(team)),
    shared_team_ids: [workspace, ...connected],
    internal_team_ids: channel.reach === 'workspace' ? [] : [workspace],
    conversation_host_id: workspace,
    context_team_id: workspace,
  };
}
