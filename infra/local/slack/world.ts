import { SCOPE } from '../../../functions/slack/method.ts';
import { MANAGE, READ_SCOPES } from './connect-methods.ts';
import {
  type Channel,
  type Entry,
  initialEntry,
  type Section,
  type Token,
  type User,
  type Workspace,
  type World,
} from './world-schema.ts';

/**
 * The world at the start, as data: every entry says what is special about it, and the rules
 * (rules-*.ts) decide what follows. Tokens are fakes that work here only, and the domains are
 * reserved ones (RFC 2606).
 */

const entry = <Of extends Section>(section: Of, fields: Partial<Entry<Of>>) =>
  ({ ...initialEntry(section), ...fields }) as Entry<Of>;

const workspace = (name: string, domain: string, special: Partial<Workspace> = {}) =>
  entry('workspaces', { name, domain, ...special });

const person = (home: string, name: string, email: string, special: Partial<User> = {}) =>
  entry('users', { workspace: home, name, email, ...special });

const bot = (home: string, name: string, special: Partial<User> = {}) =>
  entry('users', { workspace: home, name, role: 'bot', ...special });

const channel = (host: string, name: string, members: string[], special: Partial<Channel> = {}) =>
  entry('channels', { workspace: host, name, members, ...special });

/** A channel of Acme Corp that its bot is in. */
const acme = (name: string, special: Partial<Channel> = {}) =>
  channel('T0ACMECORP1', name, ['U0ACMEBOT01'], special);

const token = (home: string, user: string, app: string, special: Partial<Token> = {}) =>
  entry('tokens', { workspace: home, user, app, scopes: [SCOPE, 'chat:write'], ...special });

/** What reads the channels of a workspace. */
const READ = [READ_SCOPES.public, READ_SCOPES.private];

/** A token of the app that Acme Corp has installed. */
const acmeToken = (special: Partial<Token> = {}) =>
  token('T0ACMECORP1', 'U0ACMEBOT01', 'A0ACMEINV01', special);

const WORLD: World = {
  workspaces: {
    T0ACMECORP1: workspace('Acme Corp', 'acme', { denied_organizations: ['T0RIVAL0001'] }),
    T0CAUTIOUS1: workspace('Cautious Inc', 'cautious', {
      invitations: { limited: true, full: false },
    }),

    // The other side
    T0PARTNER01: workspace('Partner Ltd', 'partner'),
    T0SUPPLY001: workspace('Supply SA', 'supply'),
    T0STRANGER1: workspace('Stranger GmbH', 'stranger'),
    T0RIVAL0001: workspace('Rival plc', 'rival'),

    // Callers that are refused
    T0FREEPLAN1: workspace('Garage Band', 'garage', { paid: false }),
    T0CLOSED001: workspace('Closed Co', 'closed', { deleted: true }),
    T0NETWORK01: workspace('Office Only', 'office', { allowed_addresses: ['192.0.2.10'] }),
    T0TWOSTEP01: workspace('Two Steps', 'twosteps', { two_factor_required: true }),
    T0MOVING001: workspace('Moving House', 'moving', { migration: 'locked' }),
    T0JOINING01: workspace('Joining Up', 'joining', { migration: 'joining' }),

    // An Enterprise organization
    T0GLOBEX001: workspace('Globex Sales', 'globex-sales', { enterprise: 'E0GLOBEX001' }),
    T0GLOBEX002: workspace('Globex Labs', 'globex-labs', {
      enterprise: 'E0GLOBEX001',
      slack_connect: false,
    }),
    T0GLOBEX003: workspace('Globex Bank', 'globex-bank', {
      enterprise: 'E0GLOBEX001',
      ekm_suspended: true,
    }),
  },

  users: {
    U0ACMEBOT01: bot('T0ACMECORP1', 'acme-invites'),
    U0ACMEBOT02: bot('T0ACMECORP1', 'acme-retired', { deleted: true }),
    U0ACMEBOT03: bot('T0ACMECORP1', 'acme-inside', { may_invite_external: false }),
    U0ACMEADM01: person('T0ACMECORP1', 'robin', 'robin@acme.example', { role: 'admin' }),
    U0ACMEGST01: person('T0ACMECORP1', 'guest', 'guest@visitor.example', { role: 'guest' }),
    U0CAUTBOT01: bot('T0CAUTIOUS1', 'cautious-invites'),

    U0PARTNER01: person('T0PARTNER01', 'already-there', 'already.there@partner.example'),
    U0PARTNER02: person('T0PARTNER01', 'known-colleague', 'known.colleague@partner.example'),
    U0PARTNER03: person('T0PARTNER01', 'former-colleague', 'former.colleague@partner.example', {
      deleted: true,
    }),
    U0PARTBOT01: bot('T0PARTNER01', 'partner-joins'),
    U0PARTBOT02: bot('T0PARTNER01', 'partner-visits', { may_create_channels: false }),
    U0STRANGER1: person('T0STRANGER1', 'stranger', 'stranger@stranger.example'),
    U0RIVAL0001: person('T0RIVAL0001', 'rival', 'rival@rival.example'),

    U0FREEBOT01: bot('T0FREEPLAN1', 'garage-invites'),
    U0CLOSEBOT1: bot('T0CLOSED001', 'closed-invites'),
    U0CLOSEKIM1: person('T0CLOSED001', 'kim', 'kim@closed.example'),
    U0NETBOT001: bot('T0NETWORK01', 'office-invites'),
    U0TWOSTEP01: person('T0TWOSTEP01', 'sam', 'sam@twosteps.example', { two_factor: false }),
    U0MOVEBOT01: bot('T0MOVING001', 'moving-invites'),
    U0JOINBOT01: bot('T0JOINING01', 'joining-invites'),
    U0GLOBEX001: bot('T0GLOBEX001', 'globex-invites'),
    U0GLOBEX002: bot('T0GLOBEX002', 'labs-invites'),
    U0GLOBEX003: bot('T0GLOBEX003', 'bank-invites'),
  },

  channels: {
    C0PARTNER01: channel(
      'T0ACMECORP1',
      'partner-launch',
      ['U0ACMEBOT01', 'U0ACMEBOT03', 'U0ACMEADM01', 'U0PARTNER01'],
      { connected: ['T0PARTNER01'] },
    ),
    C0PRIVATE01: acme('deal-room', { kind: 'private' }),
    G0PRIVATE02: acme('old-deal-room', { kind: 'private' }),
    C0WELCOME01: acme('welcome-desk'),
    C0CONVERT01: acme('turning-private', { converting: true }),
    C0LEGACY001: acme('old-alliance', { legacy_shared: true }),
    C0CAUTIOUS1: channel('T0CAUTIOUS1', 'suppliers', ['U0CAUTBOT01']),

    // Not to be shared
    C0ARCHIVE01: acme('last-year', { archived: true }),
    C0GENERAL01: acme('general', { mandatory: true }),
    C0NOSHARE01: acme('unshareable', { shareable: false }),
    D0DIRECT001: acme('direct', { kind: 'im' }),
    G0GROUPDM01: acme('group', { kind: 'mpim' }),
    C0CROSSWS01: channel('T0GLOBEX001', 'sales-and-labs', ['U0GLOBEX001'], {
      reach: 'cross_workspace',
    }),
    C0ORGWIDE01: channel('T0GLOBEX001', 'all-of-globex', ['U0GLOBEX001'], { reach: 'org_wide' }),

    // Not the app's to share
    C0NOBOTIN01: channel('T0ACMECORP1', 'no-bot-here', ['U0ACMEADM01']),
    C0SECRET001: channel('T0ACMECORP1', 'board', ['U0ACMEADM01'], { kind: 'private' }),
    C0HOSTED001: channel('T0PARTNER01', 'partner-hosts', ['U0ACMEBOT01', 'U0PARTNER01'], {
      connected: ['T0ACMECORP1'],
    }),
    C0MANAGED01: acme('managers-invite', {
      managers: ['U0ACMEADM01'],
      external_invites: 'managers',
    }),
    C0ANNOUNCE1: acme('announcements', { managers: ['U0ACMEADM01'], posting: 'managers' }),

    // Full
    C0FULL00001: acme('full-house', {
      connected: ['T0PARTNER01', 'T0SUPPLY001'],
      connection_limit: 2,
    }),
    C0PENDING01: acme('last-place', {
      connected: ['T0PARTNER01'],
      connection_limit: 2,
      pending_invites: 1,
    }),
    C0LEGACY002: acme('old-pair', { legacy_shared: true, connected: ['T0PARTNER01'] }),
    C0CROWDED01: channel('T0ACMECORP1', 'crowded', ['U0ACMEBOT01', 'U0ACMEADM01'], {
      member_limit: 2,
    }),

    C0FREEPLAN1: channel('T0FREEPLAN1', 'gigs', ['U0FREEBOT01']),
    C0NETWORK01: channel('T0NETWORK01', 'office', ['U0NETBOT001']),
    C0MOVING001: channel('T0MOVING001', 'boxes', ['U0MOVEBOT01']),
    C0JOINING01: channel('T0JOINING01', 'welcome', ['U0JOINBOT01']),
    C0GLOBEX001: channel('T0GLOBEX001', 'customers', ['U0GLOBEX001']),
    C0GLOBEX002: channel('T0GLOBEX002', 'experiments', ['U0GLOBEX002']),
    C0GLOBEX003: channel('T0GLOBEX003', 'accounts', ['U0GLOBEX003']),
  },

  tokens: {
    'xoxb-local-acme-invites': acmeToken(),
    'xoxb-local-acme-rotated': acmeToken(),
    'xoxb-local-acme-manage': acmeToken({ scopes: [SCOPE, MANAGE, ...READ] }),
    'xoxb-local-acme-noscope': acmeToken({ scopes: ['chat:write', 'channels:read'] }),
    'xoxb-local-acme-scopeless': acmeToken({ scopes: ['chat:write'] }),
    'xoxb-local-acme-expired': acmeToken({ state: 'expired' }),
    'xoxb-local-acme-revoked': acmeToken({ state: 'revoked' }),
    'xoxb-local-acme-inactive': acmeToken({ user: 'U0ACMEBOT02' }),
    'xoxb-local-acme-inside': acmeToken({ user: 'U0ACMEBOT03' }),
    'xoxb-local-acme-legacy': acmeToken({ kind: 'legacy_bot', app: 'A0ACMELEG01' }),
    'xoxp-local-acme-robin': acmeToken({ kind: 'user', user: 'U0ACMEADM01' }),
    'xoxp-local-acme-guest': acmeToken({ kind: 'user', user: 'U0ACMEGST01' }),
    'xapp-local-acme-invites': acmeToken({ kind: 'app', scopes: ['connections:write'] }),

    // Under rotation
    'xoxe.xoxb-local-acme-invites': acmeToken(),
    'xoxe.xoxb-local-acme-expired': acmeToken({ state: 'expired' }),

    // The other side
    'xoxb-local-partner-joins': token('T0PARTNER01', 'U0PARTBOT01', 'A0PARTNER01', {
      scopes: [SCOPE, MANAGE, ...READ],
    }),
    'xoxb-local-partner-visits': token('T0PARTNER01', 'U0PARTBOT02', 'A0PARTNER01'),

    'xoxb-local-cautious-invites': token('T0CAUTIOUS1', 'U0CAUTBOT01', 'A0CAUTINV01'),
    'xoxb-local-garage-invites': token('T0FREEPLAN1', 'U0FREEBOT01', 'A0GARAGE001'),
    'xoxb-local-closed-invites': token('T0CLOSED001', 'U0CLOSEBOT1', 'A0CLOSED001'),
    'xoxp-local-closed-kim': token('T0CLOSED001', 'U0CLOSEKIM1', 'A0CLOSED001', { kind: 'user' }),
    'xoxb-local-office-invites': token('T0NETWORK01', 'U0NETBOT001', 'A0OFFICE001'),
    'xoxp-local-twosteps-sam': token('T0TWOSTEP01', 'U0TWOSTEP01', 'A0TWOSTEP01', { kind: 'user' }),
    'xoxb-local-moving-invites': token('T0MOVING001', 'U0MOVEBOT01', 'A0MOVING001'),
    'xoxb-local-joining-invites': token('T0JOINING01', 'U0JOINBOT01', 'A0JOINING01'),

    'xoxb-local-globex-invites': token('T0GLOBEX001', 'U0GLOBEX001', 'A0GLOBEX001'),
    'xoxb-local-labs-invites': token('T0GLOBEX002', 'U0GLOBEX002', 'A0GLOBEX001'),
    'xoxb-local-bank-invites': token('T0GLOBEX003', 'U0GLOBEX003', 'A0GLOBEX001'),
    'xoxb-local-globex-org': token('T0GLOBEX001', 'U0GLOBEX001', 'A0GLOBEX002', {
      org_wide: true,
      granted: ['T0GLOBEX001'],
    }),
    'xoxb-local-globex-ungranted': token('T0GLOBEX001', 'U0GLOBEX001', 'A0GLOBEX003', {
      org_wide: true,
    }),
  },
};

/**
 * @returns a new world, the same at every start. It is copied as JSON, since `structuredClone`
 *   would keep shared objects shared.
 */
export const freshWorld = (): World => JSON.parse(JSON.stringify(WORLD));
