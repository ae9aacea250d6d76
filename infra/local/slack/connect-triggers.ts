import type { CODES } from '../../../functions/slack/codes.ts';
import { METHOD } from '../../../functions/slack/method.ts';
import { COMMON, type ConnectMethod } from './connect-methods.ts';
import { TRIGGERS, type Trigger, type WrittenRequest } from './triggers.ts';

/** The requests to send to a fresh world, one after the other; the last is the call. */
export type Steps = { requests: WrittenRequest[] };

type Args = Record<string, unknown>;

const ACME = 'xoxb-local-acme-manage';
const PARTNER = 'xoxb-local-partner-joins';
const FIRST = 'I0000000001';

const json = (path: string, body: object, token?: string): WrittenRequest => ({
  method: 'POST',
  path,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  },
  body: JSON.stringify(body),
});

const call = (method: string, args: Args, token: string) => json(`/api/${method}`, args, token);
const world = (patch: object) => json('/sandbox/world', patch);
const acme = (workspace: object) => world({ workspaces: { T0ACMECORP1: workspace } });
const act = (action: string, id = FIRST) => json(`/sandbox/invites/${id}`, { action });
const needsApproval = (both = true) =>
  json('/sandbox/settings', { approval_required: both ? 'both' : true });

/** Acme invites the bot of Partner Ltd, or somebody else, to a channel. */
const invite = (args: Args = {}) =>
  call(METHOD, { channel: 'C0WELCOME01', user_ids: ['U0PARTBOT01'], ...args }, ACME);
const accepted = [needsApproval(), invite(), act('accept')];

const of = (method: ConnectMethod, good: Args, by: string) => ({
  /** The good call, changed. */
  with: (change: Args = {}, token = by, ...before: WrittenRequest[]): Steps => ({
    requests: [...before, call(method, { ...good, ...change }, token)],
  }),
  /** The good call after other requests. */
  after: (...before: WrittenRequest[]): Steps => ({
    requests: [...before, call(method, good, by)],
  }),
});

const accept = of(
  'conversations.acceptSharedInvite',
  { invite_id: FIRST, channel_name: 'acme-welcome' },
  PARTNER,
);
const approve = of(
  'conversations.approveSharedInvite',
  { invite_id: FIRST, target_team: 'T0PARTNER01' },
  ACME,
);
const decline = of(
  'conversations.declineSharedInvite',
  { invite_id: FIRST, target_team: 'T0PARTNER01' },
  ACME,
);
const list = of('conversations.listConnectInvites', {}, ACME);
const info = of('conversations.info', { channel: 'C0PARTNER01' }, ACME);

const named = (channel_name: string) => accept.with({ channel_name }, PARTNER, invite());
const globex = { enterprise: 'E0GLOBEX001' };
const full = { channels: { C0WELCOME01: { connected: ['T0SUPPLY001'], connection_limit: 1 } } };
const legacy = (connected: string[]) =>
  world({ channels: { C0WELCOME01: { legacy_shared: true, connected } } });

/** What leads to each code that is a method's own, and to `ok`. */
const OWN = {
  'conversations.info': {
    ok: info.with(),
    channel_not_found: info.with({ channel: 'C0NOWHERE01' }),
  },
  'conversations.listConnectInvites': {
    ok: list.after(invite()),
    restricted_action: list.after(acme({ invite_reviews: false })),
  },
  'conversations.acceptSharedInvite': {
    ok: accept.after(invite()),
    invalid_link: accept.with({ invite_id: 'not-an-id' }),
    invite_not_found: accept.with({ invite_id: 'I0NOWHERE01' }),
    invite_used: accept.after(invite(), act('accept')),
    invalid_privacy: accept.with({ is_private: 'perhaps' }, PARTNER, invite()),
    invalid_name_required: named(''),
    invalid_name_maxlength: named('x'.repeat(81)),
    invalid_emoji_not_allowed: named('welcome-👋'),
    invalid_name_punctuation: named('---'),
    invalid_name_specials: named('Welcome Desk'),
    invalid_name: named('everyone'),
    name_taken: named('partner-hosts'),
    team_not_found: accept.with({ team_id: 'T0NOWHERE01' }, PARTNER, invite()),
    invalid_target_team: accept.with({ team_id: 'T0SUPPLY001' }, PARTNER, invite()),
    user_not_found: accept.with({ team_id: 'T0GLOBEX002' }, 'xoxb-local-globex-org', invite()),
    not_paid: accept.after(invite(), world({ workspaces: { T0PARTNER01: { paid: false } } })),
    failed_to_start_trial: accept.with({ free_trial_accepted: true }, PARTNER, invite()),
    not_allowed_for_grid_workspace: accept.with({}, 'xoxb-local-labs-invites', invite()),
    user_is_restricted: accept.with({}, 'xoxp-local-acme-guest', invite()),
    user_cannot_create_channel: accept.with({}, 'xoxb-local-partner-visits', invite()),
    restricted_action: accept.with(
      { is_private: true },
      PARTNER,
      invite(),
      world({ workspaces: { T0PARTNER01: { private_channels: false } } }),
    ),
    invalid_host_team: accept.after(invite(), acme({ deleted: true })),
    invite_from_same_org: accept.after(
      invite(),
      acme(globex),
      world({ workspaces: { T0PARTNER01: globex } }),
    ),
    invalid_recipient_team: accept.with({}, 'xoxb-local-cautious-invites', invite()),
    email_does_not_match: accept.after(invite({ user_ids: [], emails: ['casey@partner.example'] })),
    has_already_connected_to_org: accept.after(invite({ channel: 'C0PARTNER01' })),
    is_pending_connected_to_org: accept.with(
      { invite_id: 'I0000000002' },
      PARTNER,
      ...accepted,
      invite(),
    ),
    legacy_connection_invalid_org: accept.after(invite(), legacy([])),
    legacy_connection_limit_exceeded: accept.after(invite(), legacy(['T0SUPPLY001'])),
    connection_limit_exceeded: accept.after(invite(), world(full)),
    channel_conversion_in_progress: accept.after(invite({ channel: 'C0CONVERT01' })),
    user_required_to_accept_as_private_but_cannot: accept.after(
      invite(),
      world({ workspaces: { T0PARTNER01: { private_channels: false } } }),
    ),
  },
  'conversations.approveSharedInvite': {
    ok: approve.after(...accepted),
    invalid_link: approve.with({ invite_id: 'not-an-id' }),
    invite_not_found: approve.with({ invite_id: 'I0NOWHERE01' }),
    missing_target_team: approve.with({ target_team: '' }, ACME, ...accepted),
    approval_not_found: approve.after(invite()),
    approval_inactive: approve.after(...accepted, act('expire')),
    already_approved: approve.after(...accepted, approve.with().requests[0] as WrittenRequest),
    invalid_action: approve.after(invite(), act('accept')),
    channel_not_found: approve.after(...accepted, world({ channels: { C0WELCOME01: null } })),
    channel_conversion_in_progress: approve.after(
      ...accepted,
      world({ channels: { C0WELCOME01: { converting: true } } }),
    ),
    not_paid: approve.after(...accepted, acme({ paid: false })),
    restricted_action: approve.after(
      needsApproval(),
      invite({ channel: 'C0PRIVATE01' }),
      act('accept'),
      acme({ private_channels: false }),
    ),
  },
  'conversations.declineSharedInvite': {
    ok: decline.after(...accepted),
    invite_not_found: decline.with({ invite_id: 'I0NOWHERE01' }),
    missing_target_team: decline.with({ target_team: '' }, ACME, ...accepted),
    approval_not_found: decline.after(invite()),
    approval_inactive: decline.after(...accepted, act('expire')),
    inactive_invite: decline.after(invite(), act('revoke')),
    not_paid: decline.after(...accepted, acme({ paid: false })),
    restricted_action: decline.after(...accepted, acme({ invite_reviews: false })),
  },
};

/** The arguments with which the caller's own codes show; a form carries them, too. */
const GOOD: Record<ConnectMethod, Record<string, string>> = {
  'conversations.info': { channel: 'C0PARTNER01' },
  'conversations.listConnectInvites': { count: '10' },
  'conversations.acceptSharedInvite': { invite_id: FIRST, channel_name: 'acme-welcome' },
  'conversations.approveSharedInvite': { invite_id: FIRST },
  'conversations.declineSharedInvite': { invite_id: FIRST },
};

/** Arguments that are not good, where there is none that is required. */
const invalid = (method: ConnectMethod): WrittenRequest =>
  call(method, method === 'conversations.listConnectInvites' ? { count: 0 } : { nothing: 1 }, ACME);

/**
 * A code that every method has comes about as it does for `conversations.inviteShared`: by the same
 * token, by the same way to write the call, or as a fault.
 */
function common(method: ConnectMethod, code: keyof typeof CODES): Steps | Trigger {
  if (code === 'invalid_arguments') return { requests: [invalid(method)] };
  // Without arguments, this method has nothing to wait for.
  if (code === 'request_timeout' && method === 'conversations.listConnectInvites') {
    return { fault: { method, error: code, times: 1 } };
  }
  if (code === 'not_allowed_token_type' && method === 'conversations.info') {
    return { requests: [call(method, GOOD[method], 'xapp-local-acme-invites')] };
  }
  if (code === 'missing_scope') {
    return { requests: [call(method, GOOD[method], 'xoxb-local-acme-scopeless')] };
  }
  const trigger: Trigger = TRIGGERS[code];
  if ('fault' in trigger) return { fault: { ...trigger.fault, method } };
  const { request } = trigger;
  if ('body' in request) {
    const good = Object.entries(GOOD[method]);
    const form = good.map((pair) => pair.join('=')).join('&');
    const [name] = good[0] as [string, string];
    const body = request.body
      .replace(/^channel=[^&]*&emails=[^&]*/, form)
      .replace(/&?e-mails=[^&]*/, `&${name.replace('_', '-')}-1=1`)
      .replace(/emails\[\]/, `${name}[]`);
    return { requests: [{ ...request, path: `/api/${method}`, body }] };
  }
  return FAULTS.includes(code)
    ? { fault: { method, error: code, times: 1 } }
    : { requests: [call(method, GOOD[method], request.token)] };
}

/** Codes that nothing in the world stands for, in these methods. */
const FAULTS = ['access_denied', 'ekm_access_denied', 'no_permission', 'team_access_not_granted'];

/** For each method what answers `ok`, and each of its codes. */
export const CONNECT_TRIGGERS = Object.fromEntries(
  Object.entries(OWN).map(([name, own]) => {
    const method = name as ConnectMethod;
    const shared = COMMON.map((code) => [code, common(method, code)]);
    return [method, { ...Object.fromEntries(shared), ...own }];
  }),
) as Record<ConnectMethod, Record<string, Steps | Trigger>>;
