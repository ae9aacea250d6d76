/**
 * The world behind the local Slack: who exists, who is where, which token may do what.
 * Every entry is data; what follows from it is decided in rules.ts. Ids have Slack's shape, tokens
 * are fakes that work here only, and the domains are reserved ones (RFC 2606).
 */
export type World = {
  workspaces: Record<string, Workspace>;
  users: Record<string, User>;
  channels: Record<string, Channel>;
  tokens: Record<string, Token>;
};

export type Workspace = {
  name: string;
  domain: string;
  /** Which invitations the preference "Manage permissions for inviting people to channels" permits. */
  invitations: { limited: boolean; full: boolean };
};

export type User = {
  workspace: string;
  name: string;
  email: string | null;
  deleted: boolean;
};

export type Channel = {
  /** The workspace that hosts the channel. */
  workspace: string;
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  archived: boolean;
  /** #general, or a channel that everybody has to be in. */
  mandatory: boolean;
  /** Shared under the rules from before Slack Connect. */
  legacy_shared: boolean;
  /** Workspaces beside the host that the channel is shared with. */
  connected: string[];
  members: string[];
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
};

const ordinary = { archived: false, mandatory: false, legacy_shared: false, connected: [] };
const acmeChannel = { ...ordinary, workspace: 'T0ACMECORP1', members: ['U0ACMEBOT01'] };
const acmeBot: Token = {
  kind: 'bot',
  state: 'active',
  app: 'A0ACMEINV01',
  workspace: 'T0ACMECORP1',
  user: 'U0ACMEBOT01',
  scopes: ['conversations.connect:write', 'chat:write'],
};

const WORLD: World = {
  workspaces: {
    T0ACMECORP1: {
      name: 'Acme Corp',
      domain: 'acme',
      invitations: { limited: true, full: true },
    },
    T0CAUTIOUS1: {
      name: 'Cautious Inc',
      domain: 'cautious',
      invitations: { limited: true, full: false },
    },
    T0PARTNER01: {
      name: 'Partner Ltd',
      domain: 'partner',
      invitations: { limited: true, full: true },
    },
    T0STRANGER1: {
      name: 'Stranger GmbH',
      domain: 'stranger',
      invitations: { limited: true, full: true },
    },
  },

  users: {
    U0ACMEBOT01: { workspace: 'T0ACMECORP1', name: 'acme-invites', email: null, deleted: false },
    U0ACMEBOT02: { workspace: 'T0ACMECORP1', name: 'acme-retired', email: null, deleted: true },
    U0ACMEADM01: {
      workspace: 'T0ACMECORP1',
      name: 'robin',
      email: 'robin@acme.example',
      deleted: false,
    },
    U0CAUTBOT01: {
      workspace: 'T0CAUTIOUS1',
      name: 'cautious-invites',
      email: null,
      deleted: false,
    },
    U0PARTNER01: {
      workspace: 'T0PARTNER01',
      name: 'already-there',
      email: 'already.there@partner.example',
      deleted: false,
    },
    U0PARTNER02: {
      workspace: 'T0PARTNER01',
      name: 'known-colleague',
      email: 'known.colleague@partner.example',
      deleted: false,
    },
    U0PARTNER03: {
      workspace: 'T0PARTNER01',
      name: 'former-colleague',
      email: 'former.colleague@partner.example',
      deleted: true,
    },
    U0STRANGER1: {
      workspace: 'T0STRANGER1',
      name: 'stranger',
      email: 'stranger@stranger.example',
      deleted: false,
    },
  },

  channels: {
    C0PARTNER01: {
      ...acmeChannel,
      name: 'partner-launch',
      kind: 'public',
      connected: ['T0PARTNER01'],
      members: ['U0ACMEBOT01', 'U0ACMEADM01', 'U0PARTNER01'],
    },
    C0PRIVATE01: { ...acmeChannel, name: 'deal-room', kind: 'private' },
    C0LEGACY001: { ...acmeChannel, name: 'old-alliance', kind: 'public', legacy_shared: true },
    C0ARCHIVE01: { ...acmeChannel, name: 'last-year', kind: 'public', archived: true },
    C0GENERAL01: { ...acmeChannel, name: 'general', kind: 'public', mandatory: true },
    C0NOBOTIN01: { ...acmeChannel, name: 'no-bot-here', kind: 'public', members: ['U0ACMEADM01'] },
    C0SECRET001: { ...acmeChannel, name: 'board', kind: 'private', members: ['U0ACMEADM01'] },
    D0DIRECT001: { ...acmeChannel, name: 'direct', kind: 'im' },
    G0GROUPDM01: { ...acmeChannel, name: 'group', kind: 'mpim' },
    C0CAUTIOUS1: {
      ...ordinary,
      workspace: 'T0CAUTIOUS1',
      name: 'suppliers',
      kind: 'public',
      members: ['U0CAUTBOT01'],
    },
  },

  tokens: {
    'xoxb-local-acme-invites': acmeBot,
    'xoxb-local-acme-rotated': acmeBot,
    'xoxe.xoxb-local-acme-invites': acmeBot,
    'xoxb-local-acme-noscope': { ...acmeBot, scopes: ['chat:write', 'channels:read'] },
    'xoxb-local-acme-expired': { ...acmeBot, state: 'expired' },
    'xoxb-local-acme-revoked': { ...acmeBot, state: 'revoked' },
    'xoxb-local-acme-inactive': { ...acmeBot, user: 'U0ACMEBOT02' },
    'xoxb-local-acme-legacy': { ...acmeBot, kind: 'legacy_bot', app: 'A0ACMELEG01' },
    'xoxp-local-acme-robin': { ...acmeBot, kind: 'user', user: 'U0ACMEADM01' },
    'xapp-local-acme-invites': { ...acmeBot, kind: 'app', scopes: ['connections:write'] },
    'xoxb-local-cautious-invites': {
      ...acmeBot,
      app: 'A0CAUTINV01',
      workspace: 'T0CAUTIOUS1',
      user: 'U0CAUTBOT01',
    },
  },
};

/**
 * @returns a world of its own, the same at every start. JSON, since `structuredClone` would keep
 *   what entries share shared.
 */
export const freshWorld = (): World => JSON.parse(JSON.stringify(WORLD));

/** @returns the entry of that id, and nothing for names that every object inherits. */
export const find = <Entry>(entries: Record<string, Entry>, id: string): Entry | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined;
