import { createHash } from 'node:crypto';
import { channelCard, inviteCard, type SlackEvent, teamsIn, userCard } from './event-payloads.ts';
import { find } from './fields.ts';
import { type Invite, LIFETIME_SECONDS, type stateOf } from './invites.ts';
import { writeMessage } from './mailbox.ts';
import { keep, type State } from './state.ts';
import { initialEntry, type User, type Workspace, type World } from './world-schema.ts';

// What becomes of an invitation, and whom Slack tells: the app that sent it. Nobody is told when one
// is revoked or expires.

/** Who accepts or declines. */
export type Party = { team: string; user: string };

/** The world does not grow without end, however many people accept. */
const MAX_PEOPLE = 400;

/**
 * An admin lets a held invitation go out: its recipient is told now.
 * Source: https://docs.slack.dev/reference/methods/conversations.requestSharedInvite.approve
 */
export function releaseInvite(state: State, invite: Invite): void {
  const { world, mailbox } = state;
  invite.status = 'sent';
  invite.date_last_updated = seconds(state);
  const workspace = find(world.workspaces, invite.inviting_team);
  const user = find(world.users, invite.inviting_user);
  const channel = find(world.channels, invite.channel);
  if (!workspace || !user || !channel) return; // whoever changes the world may take them away
  keep(mailbox, writeMessage(invite, { workspace, user, channel }, invite.date_last_updated));
}

/** An admin refuses a held invitation. No event tells of it. */
export function denyInvite(state: State, invite: Invite): void {
  invite.ended = 'declined';
  invite.date_last_updated = seconds(state);
}

/** Somebody accepts; without an approval that is asked for, the channel is connected at once. */
export function acceptInvite(state: State, invite: Invite, { team, user }: Party): void {
  const { approval_required: approval } = state.settings;
  const date = seconds(state);
  const ours = invite.inviting_team;
  const awaits = approval === false ? [] : approval === 'both' ? [team, ours] : [ours];
  invite.acceptance = {
    team,
    user,
    date_accepted: date,
    date_invalid: date + LIFETIME_SECONDS,
    awaits,
    reviews: awaits.includes(team) ? [] : [{ team, date }],
  };
  const isNew = awaits.length === 0 && join(state, invite);
  tell(state, invite, 'shared_channel_invite_accepted', {
    approval_required: awaits.length > 0,
    accepting_user: userCard(state.world, user),
  });
  if (awaits.length === 0) connect(state, invite, isNew);
}

/** One side approves; with the last approval the channel is connected. */
export function approveInvite(state: State, invite: Invite, team: string, user: string): void {
  const { acceptance } = invite;
  if (!acceptance) return;
  acceptance.awaits = acceptance.awaits.filter((side) => side !== team);
  acceptance.reviews.push({ team, date: seconds(state) });
  tell(state, invite, 'shared_channel_invite_approved', {
    approving_team_id: team,
    approving_user: userCard(state.world, user),
  });
  if (acceptance.awaits.length === 0) connect(state, invite, join(state, invite));
}

/**
 * One side refuses. Slack documents the event for an admin's refusal after an acceptance. Whether it
 * tells of a recipient who declines is not known, so a setting decides.
 */
export function declineInvite(
  state: State,
  invite: Invite,
  team: string,
  user: string,
  who?: User,
) {
  const isTold = invite.acceptance !== null || state.settings.decline_before_acceptance === 'told';
  invite.ended = 'declined';
  invite.date_last_updated = seconds(state);
  if (!isTold) return;
  tell(state, invite, 'shared_channel_invite_declined', {
    declining_team_id: team,
    declining_user: userCard(state.world, user, who),
  });
}

export function revokeInvite(state: State, invite: Invite): void {
  invite.ended = 'revoked';
  invite.date_last_updated = seconds(state);
}

/** Moves the end of an open invitation, or that of its acceptance, by so many seconds. */
export function bringForward(invite: Invite, by: number): void {
  invite.date_invalid -= by;
  if (invite.acceptance) invite.acceptance.date_invalid -= by;
}

export function expireInvite(state: State, invite: Invite): void {
  const { date_invalid } = invite.acceptance ?? invite;
  bringForward(invite, date_invalid - seconds(state));
}

const seconds = ({ now }: State) => Math.floor(now() / 1000);

function tell(state: State, invite: Invite, type: string, own: Record<string, unknown>): void {
  const { world } = state;
  invite.date_last_updated = seconds(state);
  send(state, invite, {
    type,
    ...own,
    invite: inviteCard(world, invite),
    channel: channelCard(world, invite.channel),
    teams_in_channel: teamsIn(world, invite.channel),
  });
}

const send = (
  { events }: State,
  { app, inviting_team: team, inviting_user: user }: Invite,
  event: SlackEvent,
) => events.send({ app, team, user }, event);

/** @returns whether the workspace was not in the channel before. */
function join({ world }: State, { channel: id, acceptance }: Invite): boolean {
  const channel = find(world.channels, id);
  if (!channel || !acceptance) return false;
  const { team, user } = acceptance;
  const isNew = !channel.connected.includes(team);
  if (isNew) channel.connected.push(team);
  if (find(world.users, user) && !channel.members.includes(user)) channel.members.push(user);
  return isNew;
}

/** Tells of a new connection. The id of a private channel with a `G` changes when it is shared. */
function connect(state: State, invite: Invite, isNew: boolean): void {
  const { world, invites } = state;
  const old = invite.channel;
  if (old.startsWith('G')) {
    const id = `C${old.slice(1)}`;
    world.channels = Object.fromEntries(
      Object.entries(world.channels).map(([key, channel]) => [key === old ? id : key, channel]),
    );
    for (const one of invites) if (one.channel === old) one.channel = id;
    send(state, invite, { type: 'channel_id_changed', old_channel_id: old, new_channel_id: id });
  }
  if (!isNew) return;
  const { team = '' } = invite.acceptance ?? {};
  send(state, invite, { type: 'channel_shared', connected_team_id: team, channel: invite.channel });
}

/**
 * Who accepts an invitation: the person that it names in the workspace where that person is, or
 * else somebody new, in the workspace that has people with such addresses or in a new one.
 *
 * @param wanted the id of an outside workspace, or `new`.
 */
export function partyOf(world: World, invite: Invite, wanted?: string) {
  const { recipient_email: email = '', recipient_user_id: id = '' } = invite;
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const outside = Object.entries(world.users).filter(
    ([, user]) => isOutside(world, invite, user.workspace) && !user.deleted,
  );
  const named = outside.find(
    ([key, user]) =>
      (key === id || (email !== '' && user.email?.toLowerCase() === email.toLowerCase())) &&
      (wanted ?? user.workspace) === user.workspace,
  );
  if (named)
    return { team: named[1].workspace, user: named[0], workspace: undefined, person: undefined };

  const colleague = outside.find(([, user]) => user.email?.toLowerCase().endsWith(`@${domain}`));
  const isNew = wanted === 'new' || !(wanted ?? colleague);
  const team = isNew ? madeUp('T', domain || id) : (wanted ?? colleague?.[1].workspace ?? '');
  const name = /^[\w.-]{1,80}$/.test(local) ? local : 'somebody';
  const label =
    domain
      .split('.')[0]
      ?.replaceAll(/[^a-z\d-]/g, '')
      .slice(0, 60) || 'new-company';
  return {
    team,
    user: madeUp('U', `${team}/${email || id}`),
    workspace: isNew
      ? ({
          ...initialEntry('workspaces'),
          name: domain.slice(0, 80) || 'New Company',
          domain: label,
        } as Workspace)
      : undefined,
    person: { ...initialEntry('users'), workspace: team, name, email } as User,
  };
}

/** Adds the workspace and the person of a party to the world, as far as they are new. */
export function settle(
  world: World,
  { team, user, workspace, person }: ReturnType<typeof partyOf>,
) {
  if (workspace && !find(world.workspaces, team)) world.workspaces[team] = workspace;
  if (person && Object.keys(world.users).length < MAX_PEOPLE) world.users[user] ??= person;
}

/** Whether a workspace is of another organization than the one that invites. */
export const isOutside = (world: World, { inviting_team }: Invite, team: string): boolean => {
  const [ours, theirs] = [inviting_team, team].map((one) => find(world.workspaces, one));
  const isGone = theirs?.deleted !== false;
  return (
    !isGone && team !== inviting_team && (ours?.enterprise ?? '') !== (theirs?.enterprise ?? null)
  );
};

const madeUp = (letter: string, from: string) =>
  `${letter}0${createHash('sha256').update(from).digest('hex').slice(0, 9).toUpperCase()}`;

/** What can be done with an invitation, by its state. */
export const POSSIBLE = {
  held: ['approve', 'decline', 'revoke', 'expire'],
  sent: ['accept', 'decline', 'revoke', 'expire'],
  accepted: ['approve', 'decline', 'revoke', 'expire'],
  connected: [],
  declined: [],
  revoked: [],
  expired: [],
} as const satisfies Record<ReturnType<typeof stateOf>, readonly string[]>;
