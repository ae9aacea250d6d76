import { SCOPE } from '../../../functions/slack/method.ts';
import type { Caller, Rule } from './rules.ts';
import type { Settings } from './settings.ts';

/** The server listens here only, so every call comes from here. */
const CALLERS_ADDRESS = '127.0.0.1';

/** Whether the token is good for anything: every method asks. */
export const tokenRules: readonly Rule<Caller>[] = [
  // "a deleted user or workspace when using a bot token"
  {
    code: 'account_inactive',
    refuses: (caller) => caller.token.kind !== 'user' && isGone(caller),
  },
  // "a deleted user or workspace or the app has been removed when using a user token"; for a bot's
  // token auth.revoke has the same effect: https://docs.slack.dev/reference/methods/auth.revoke
  {
    code: 'token_revoked',
    refuses: (caller) => caller.token.state === 'revoked' || isGone(caller),
  },
  // "has expired": an access token under rotation lives for 12 hours,
  // https://docs.slack.dev/authentication/using-token-rotation
  { code: 'token_expired', refuses: ({ token }) => token.state === 'expired' },
  // "limited on the current network"
  {
    code: 'accesslimited',
    refuses: ({ workspace }) =>
      workspace.allowed_addresses !== null &&
      !workspace.allowed_addresses.includes(CALLERS_ADDRESS),
  },
  // "will not be available until migration is complete"
  { code: 'org_login_required', refuses: ({ workspace }) => workspace.migration === 'locked' },
  // "intermittently unavailable until the transition is complete"
  { code: 'team_added_to_org', refuses: ({ workspace }) => workspace.migration === 'joining' },
  // "setup is required": of people, since bots do not log in
  {
    code: 'two_factor_setup_required',
    refuses: ({ workspace, user }) =>
      workspace.two_factor_required && user.role !== 'bot' && !user.two_factor,
  },
];

/** Whether the token is good for this method. */
export const methodRules: readonly Rule<Caller & { settings: Settings }>[] = [
  // "a restricted user or single channel guest"
  {
    code: 'user_is_restricted',
    refuses: ({ user }) => user.role === 'guest' || user.role === 'single_channel_guest',
  },
  // "a legacy bot"
  { code: 'is_bot', refuses: ({ token }) => token.kind === 'legacy_bot' },
  // "The token type": the scope exists for bots only,
  // https://docs.slack.dev/reference/scopes/conversations.connect.write
  { code: 'not_allowed_token_type', refuses: ({ token }) => token.kind !== 'bot' },
  // The page's notice names no code. This one is what is reported from plans without the method.
  {
    code: 'not_allowed_token_type',
    refuses: ({ settings, workspace }) => settings.enterprise_only && workspace.enterprise === null,
  },
  // "not granted the specific scope permissions"
  { code: 'missing_scope', refuses: ({ token }) => !token.scopes.includes(SCOPE) },
  // "cannot be called from an Enterprise": an org-wide app that works in no workspace yet
  {
    code: 'enterprise_is_restricted',
    refuses: ({ token }) => token.org_wide && token.granted.length === 0,
  },
];

const isGone = ({ user, workspace }: Caller) => user.deleted || workspace.deleted;
