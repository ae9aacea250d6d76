import { type BadField, find, findBadField, isObject, oneOf, text } from './fields.ts';
import { type Invite, stateOf, withState } from './invites.ts';
import {
  acceptInvite,
  approveInvite,
  declineInvite,
  denyInvite,
  expireInvite,
  isOutside,
  POSSIBLE,
  partyOf,
  releaseInvite,
  revokeInvite,
  settle,
} from './lifecycle.ts';
import type { State } from './state.ts';
import { GOOD_REQUEST } from './triggers.ts';

const ACTIONS = ['accept', 'approve', 'decline', 'revoke', 'expire'] as const;

const FIELDS = { action: oneOf(...ACTIONS), team: text(20) };

/** An invitation with what can be done now, and who can accept: first the one who does by default. */
export function describeInvite(state: State, invite: Invite) {
  const { world, now } = state;
  const { team, workspace } = partyOf(world, invite);
  const others = Object.keys(world.workspaces).filter(
    (id) => id !== team && isOutside(world, invite, id),
  );
  const isForUser = invite.recipient_user_id !== undefined;
  return {
    ...withState(invite, now()),
    actions: POSSIBLE[stateOf(invite, now())],
    acceptors: [
      {
        team: workspace ? 'new' : team,
        name: find(world.workspaces, team)?.name ?? workspace?.name,
      },
      ...(isForUser ? [] : others.map((id) => ({ team: id, name: world.workspaces[id]?.name }))),
      ...(isForUser || workspace
        ? []
        : [{ team: 'new', name: partyOf(world, invite, 'new').workspace?.name }]),
    ],
  };
}

/**
 * Does what a person would do at Slack.
 *
 * @param json `action`, and for `accept` the `team` that accepts; for `approve` and `decline` the
 *   one that decides, otherwise every side that is still to be asked.
 * @returns what is wrong; with the `state` if it is that.
 */
export function act(state: State, invite: Invite, json: unknown): BadField | undefined {
  if (!isObject(json)) return { field: '(body)', allowed: 'an object with action' };
  const bad = findBadField(FIELDS, { action: undefined, ...json });
  if (bad) return bad;
  const { action, team } = json as { action: (typeof ACTIONS)[number]; team?: string };
  const now = stateOf(invite, state.now());
  const possible: readonly string[] = POSSIBLE[now];
  if (!possible.includes(action)) {
    const allowed = possible.length > 0 ? `one of ${possible.join(', ')}` : 'nothing more';
    return Object.assign(
      { field: 'action', allowed: `${allowed} for one that is ${now}` },
      { state: now },
    );
  }
  return DOES[action](state, invite, team);
}

/** An admin of the inviting side decides about one that is held. */
const NO_TEAM: BadField = { field: 'team', allowed: 'left out' };

type Does = (state: State, invite: Invite, team: string | undefined) => BadField | undefined;

const DOES: Record<(typeof ACTIONS)[number], Does> = {
  accept(state, invite, wanted) {
    const { world } = state;
    const acceptors = describeInvite(state, invite).acceptors.map(({ team }) => team);
    if (wanted !== undefined && !acceptors.includes(wanted)) {
      return { field: 'team', allowed: `one of ${acceptors.join(', ')}` };
    }
    const party = partyOf(world, invite, wanted);
    const { connected = [], connection_limit = 0 } = find(world.channels, invite.channel) ?? {};
    if (!connected.includes(party.team) && connected.length >= connection_limit) {
      return Object.assign(
        { field: 'action', allowed: `no more workspaces in ${invite.channel}` },
        { state: stateOf(invite, state.now()) },
      );
    }
    settle(world, party);
    acceptInvite(state, invite, party);
    return undefined;
  },
  approve(state, invite, wanted) {
    if (invite.status === 'held') {
      if (wanted !== undefined) return NO_TEAM;
      releaseInvite(state, invite);
      return undefined;
    }
    const awaits = invite.acceptance?.awaits ?? [];
    if (wanted !== undefined && !awaits.includes(wanted)) {
      return { field: 'team', allowed: `one of ${awaits.join(', ')}` };
    }
    for (const side of wanted === undefined ? awaits : [wanted]) {
      approveInvite(state, invite, side, personOf(invite, side));
    }
    return undefined;
  },
  decline(state, invite, wanted) {
    const { acceptance } = invite;
    if (invite.status === 'held') {
      if (wanted !== undefined) return NO_TEAM;
      denyInvite(state, invite);
      return undefined;
    }
    const sides = acceptance ? [acceptance.team, invite.inviting_team] : [];
    if (wanted !== undefined && !sides.includes(wanted)) {
      return { field: 'team', allowed: acceptance ? `one of ${sides.join(', ')}` : 'left out' };
    }
    const side = wanted ?? acceptance?.awaits[0];
    const { team, user, person } = partyOf(state.world, invite);
    if (side) declineInvite(state, invite, side, personOf(invite, side));
    else declineInvite(state, invite, team, user, person);
    return undefined;
  },
  revoke: (state, invite) => void revokeInvite(state, invite),
  expire: (state, invite) => void expireInvite(state, invite),
};

/** Who acts for a side. */
const personOf = ({ inviting_team, inviting_user, acceptance }: Invite, side: string): string =>
  side === inviting_team ? inviting_user : (acceptance?.user ?? '');

/**
 * Tells any event, as if Slack did: one that nothing here brings about, or one of an unknown type.
 * @param json the `event`; it goes to the app of the good call.
 */
export function sendEvent({ world, events }: State, json: unknown): BadField | undefined {
  const event = isObject(json) ? json.event : undefined;
  if (!isObject(event) || typeof event.type !== 'string' || event.type === '') {
    return { field: 'event', allowed: 'an object with a type, such as {"type":"app_uninstalled"}' };
  }
  const {
    app = '',
    workspace: team = '',
    user = '',
  } = find(world.tokens, GOOD_REQUEST.token) ?? {};
  events.send({ app, team, user }, { ...event, type: event.type });
  return undefined;
}
