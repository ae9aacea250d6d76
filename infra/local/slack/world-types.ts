/**
 * The world behind the local Slack: who exists, who is where, which token may do what. Ids are
 * Slack's (`T…` a workspace, `E…` an Enterprise organization, `U…` a user, `C…`, `D…`, `G…` a
 * channel, `A…` an app); tokens are the keys of `tokens`.
 */
export type World = {
  workspaces: Record<string, Workspace>;
  users: Record<string, User>;
  channels: Record<string, Channel>;
  tokens: Record<string, Token>;
};

export const MIGRATIONS = ['none', 'locked', 'joining'] as const;

export type Workspace = {
  name: string;
  domain: string;
  deleted: boolean;
  /** Whether its plan has Slack Connect. */
  paid: boolean;
  /** The Enterprise organization that it is part of. */
  enterprise: string | null;
  /** Whether its organization lets it use Slack Connect. */
  slack_connect: boolean;
  /** Which invitations the preference "Manage permissions for inviting people to channels" permits. */
  invitations: { limited: boolean; full: boolean };
  /** Outside workspaces that admins keep their people away from. */
  denied_organizations: string[];
  two_factor_required: boolean;
  /** Whether admins have withdrawn the keys of Enterprise Key Management. */
  ekm_suspended: boolean;
  /** The addresses that calls may come from; null is any. All calls here come from 127.0.0.1. */
  allowed_addresses: string[] | null;
  /** Its move into an Enterprise organization: closed meanwhile, or available now and then. */
  migration: (typeof MIGRATIONS)[number];
};

export const ROLES = ['admin', 'member', 'guest', 'single_channel_guest', 'bot'] as const;

export type User = {
  workspace: string;
  name: string;
  email: string | null;
  deleted: boolean;
  role: (typeof ROLES)[number];
  /** Whether two-factor authentication is set up. Bots have none. */
  two_factor: boolean;
  may_invite_external: boolean;
};

export const CHANNEL_KINDS = ['public', 'private', 'im', 'mpim'] as const;
export const REACHES = ['workspace', 'cross_workspace', 'org_wide'] as const;
export const CIRCLES = ['members', 'managers'] as const;

export type Channel = {
  /** The workspace that hosts the channel. */
  workspace: string;
  name: string;
  kind: (typeof CHANNEL_KINDS)[number];
  archived: boolean;
  /** #general, or a channel that everybody has to be in. */
  mandatory: boolean;
  /** Which workspaces of its organization the channel is in. */
  reach: (typeof REACHES)[number];
  /** Whether Slack can share such a channel at all. */
  shareable: boolean;
  /** Shared under the rules from before Slack Connect. */
  legacy_shared: boolean;
  /** Outside workspaces that the channel is shared with. */
  connected: string[];
  /** How many workspaces `connected` may hold. */
  connection_limit: number;
  /** Invitations from before this server's start that are still open: each holds a place. */
  pending_invites: number;
  members: string[];
  /** How many people `members` may hold. */
  member_limit: number;
  managers: string[];
  /** Who may post. */
  posting: (typeof CIRCLES)[number];
  /** Who may invite people from outside. */
  external_invites: (typeof CIRCLES)[number];
};

export const TOKEN_KINDS = ['bot', 'legacy_bot', 'user', 'app'] as const;
export const TOKEN_STATES = ['active', 'expired', 'revoked'] as const;

export type Token = {
  kind: (typeof TOKEN_KINDS)[number];
  state: (typeof TOKEN_STATES)[number];
  /** The app that the token was issued to: Slack limits rates per workspace and app. */
  app: string;
  workspace: string;
  user: string;
  scopes: string[];
  /** Whether the app is installed in the Enterprise organization of `workspace` as a whole. */
  org_wide: boolean;
  /** The workspaces of the organization that an org-wide app may work in. */
  granted: string[];
};

/** What an entry is unless it says otherwise. What is missing here has to be said. */
export const DEFAULTS = {
  workspaces: {
    deleted: false,
    paid: true,
    enterprise: null,
    slack_connect: true,
    invitations: { limited: true, full: true },
    denied_organizations: [],
    two_factor_required: false,
    ekm_suspended: false,
    allowed_addresses: null,
    migration: 'none',
  },
  users: {
    email: null,
    deleted: false,
    role: 'member',
    two_factor: true,
    may_invite_external: true,
  },
  channels: {
    kind: 'public',
    archived: false,
    mandatory: false,
    reach: 'workspace',
    shareable: true,
    legacy_shared: false,
    connected: [],
    // Slack Connect channels hold 250 organizations, the host among them.
    connection_limit: 249,
    pending_invites: 0,
    members: [],
    member_limit: 1000,
    managers: [],
    posting: 'members',
    external_invites: 'members',
  },
  tokens: { kind: 'bot', state: 'active', org_wide: false, granted: [] },
} satisfies { [Section in keyof World]: Partial<World[Section][string]> };

/** @returns the entry of that id, and nothing for names that every object inherits. */
export const find = <Entry>(entries: Record<string, Entry>, id: string): Entry | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined;
