import {
  type Field,
  idOf,
  initially,
  isObject,
  listOf,
  matching,
  oneOf,
  orNull,
  text,
  type Values,
  whole,
  yesOrNo,
} from './fields.ts';

const id = (letters: string, what: string) =>
  matching(
    new RegExp(`^[${letters}][A-Z\\d]{7,14}$`),
    `the id of ${what}: ${[...letters].join(' or ')}, then 7 to 14 capitals and digits`,
  );

const workspace = idOf('workspaces', 'a workspace');
const user = idOf('users', 'a user');
const word = matching(/^[\w.-]{1,80}$/, 'a name of 1 to 80 letters, digits, "_", "." and "-"');

const preference: Field<{ limited: boolean; full: boolean }> = {
  holds: (value) =>
    isObject(value) &&
    Object.keys(value).sort().join() === 'full,limited' &&
    Object.values(value).every((one) => typeof one === 'boolean'),
  allowed: 'an object of limited and full, each true or false',
};

const WORKSPACE = {
  name: text(80),
  domain: matching(/^[a-z\d-]{1,60}$/, 'a name of 1 to 60 small letters, digits and "-"'),
  deleted: initially(false, yesOrNo),
  /** Whether its plan has Slack Connect. */
  paid: initially(true, yesOrNo),
  /** The Enterprise organization that it is part of. */
  enterprise: initially(null, orNull(id('E', 'an Enterprise organization'))),
  /** Whether its organization lets it use Slack Connect. */
  slack_connect: initially(true, yesOrNo),
  /** Which invitations the preference "Manage permissions for inviting people to channels" permits. */
  invitations: initially({ limited: true, full: true }, preference),
  /** Outside workspaces that admins have excluded. */
  denied_organizations: initially([], listOf(workspace)),
  /** Whether its preferences let apps create private channels. */
  private_channels: initially(true, yesOrNo),
  /** Whether its preferences let apps list and decline invitations. */
  invite_reviews: initially(true, yesOrNo),
  two_factor_required: initially(false, yesOrNo),
  /** Whether admins have withdrawn the keys of Enterprise Key Management. */
  ekm_suspended: initially(false, yesOrNo),
  /** The addresses that calls may come from; null means any. All calls here come from 127.0.0.1. */
  allowed_addresses: initially(null, orNull(listOf(text(50)))),
  /** Its move into an Enterprise organization: closed meanwhile, or available now and then. */
  migration: initially('none', oneOf('none', 'locked', 'joining')),
};

const USER = {
  workspace,
  name: word,
  email: initially(null, orNull(matching(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'an address'))),
  deleted: initially(false, yesOrNo),
  role: initially('member', oneOf('admin', 'member', 'guest', 'single_channel_guest', 'bot')),
  /** Whether two-factor authentication is set up. Bots have none. */
  two_factor: initially(true, yesOrNo),
  may_invite_external: initially(true, yesOrNo),
  may_create_channels: initially(true, yesOrNo),
};

const CHANNEL = {
  /** The workspace that hosts the channel. */
  workspace,
  name: word,
  kind: initially('public', oneOf('public', 'private', 'im', 'mpim')),
  archived: initially(false, yesOrNo),
  /** #general, or a channel that everybody has to be in. */
  mandatory: initially(false, yesOrNo),
  /** Which workspaces of its organization the channel is in. */
  reach: initially('workspace', oneOf('workspace', 'cross_workspace', 'org_wide')),
  /** Whether Slack can share such a channel at all. */
  shareable: initially(true, yesOrNo),
  /** Shared under the rules from before Slack Connect. */
  legacy_shared: initially(false, yesOrNo),
  /** Outside workspaces that the channel is shared with. */
  connected: initially([], listOf(workspace)),
  /** Those that it was shared with under the old rules, and which may come back. */
  formerly_connected: initially([], listOf(workspace)),
  /** Whether Slack is making it public or private right now. */
  converting: initially(false, yesOrNo),
  /** How many `connected` may hold: a Slack Connect channel has 250 organizations, its host among them. */
  connection_limit: initially(249, whole(0, 500)),
  /** Invitations from before this server's start that are still open: each holds a place. */
  pending_invites: initially(0, whole(0, 500)),
  members: initially([], listOf(user)),
  /** How many people `members` may hold. */
  member_limit: initially(1000, whole(0, 1_000_000)),
  managers: initially([], listOf(user)),
  /** Who may post. */
  posting: initially('members', oneOf('members', 'managers')),
  /** Who may invite people from outside. */
  external_invites: initially('members', oneOf('members', 'managers')),
};

const TOKEN = {
  kind: initially('bot', oneOf('bot', 'legacy_bot', 'user', 'app')),
  state: initially('active', oneOf('active', 'expired', 'revoked')),
  /** The app that the token was issued to: Slack limits rates per workspace and app. */
  app: id('A', 'an app'),
  workspace,
  user,
  /** They are sent in a header, so they must not break it. */
  scopes: listOf(matching(/^[\w.:-]{1,100}$/, 'a scope such as chat:write'), 100),
  /** Whether the app is installed in the Enterprise organization of `workspace` as a whole. */
  org_wide: initially(false, yesOrNo),
  /** The workspaces of the organization that an org-wide app may work in. */
  granted: initially([], listOf(workspace)),
};

/**
 * The world behind the local Slack: who exists, who is in which channel, which token may do what.
 * Ids are Slack's (`T…` a workspace, `E…` an Enterprise organization, `U…` a user, `C…`, `D…`, `G…`
 * a channel, `A…` an app); tokens are the keys of `tokens`. An entry that another section names has
 * to exist there.
 */
export const SECTIONS = {
  workspaces: { id: id('T', 'a workspace'), fields: WORKSPACE },
  users: { id: id('UW', 'a user'), fields: USER },
  channels: { id: id('CDG', 'a channel'), fields: CHANNEL },
  tokens: {
    id: matching(/^(xox[\w.]{1,20}|xapp)-[\w.-]{1,200}$/, 'a token such as xoxb-local-new'),
    fields: TOKEN,
  },
};

export type Section = keyof typeof SECTIONS;
export type Entry<Of extends Section> = Values<(typeof SECTIONS)[Of]['fields']>;
export type World = { [Of in Section]: Record<string, Entry<Of>> };
export type Workspace = Entry<'workspaces'>;
export type User = Entry<'users'>;
export type Channel = Entry<'channels'>;
export type Token = Entry<'tokens'>;

/** The defaults of an entry. */
export const initialEntry = (section: Section): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(SECTIONS[section].fields).flatMap(([name, field]) =>
      'initial' in field ? [[name, field.initial]] : [],
    ),
  );
