import { METHOD, SCOPE } from '../../../functions/slack/method.ts';
import type { Caller, Rules } from './rules.ts';
import type { Settings } from './settings.ts';

/** The server listens here only, so every call comes from here. */
const CALLERS_ADDRESS = '127.0.0.1';

const isGone = ({ user, workspace }: Caller) => user.deleted || workspace.deleted;

/** Whether the token works at all. Every method checks that. */
export const tokenRules: Rules<Caller> = {
  // "a deleted user or workspace when using a bot token"
  account_inactive: (caller) => caller.token.kind !== 'user' && isGone(caller),
  // "a deleted user or workspace or the app has been removed when using a user token"; for a bot's
  // token auth.revoke has the same effect: https://docs.slack.dev/reference/methods/auth.revoke
  token_revoked: (caller) => caller.token.state === 'revoked' || isGone(caller),
  // "has expired": an access token under rotation lives for 12 hours,
  // https://docs.slack.dev/authentication/using-token-rotation
  token_expired: ({ token }) => token.state === 'expired',
  // "limited on the current network"
  accesslimited: ({ workspace }) =>
    workspace.allowed_addresses !== null && !workspace.allowed_addresses.includes(CALLERS_ADDRESS),
  // "will not be available until migration is complete"
  org_login_required: ({ workspace }) => workspace.migration === 'locked',
  // "intermittently unavailable until the transition is complete"
  team_added_to_org: ({ workspace }) => workspace.migration === 'joining',
  // "setup is required": of people, since bots do not log in
  two_factor_setup_required: ({ workspace, user }) =>
    workspace.two_factor_required && user.role !== 'bot' && !user.two_factor,
};

/** A call of a method, which takes tokens with one of the accepted scopes. */
type MethodCall = Caller & { method: string; accepted: string[]; settings: Settings };

const isConnect = ({ accepted }: MethodCall) =>
  accepted.every((scope) => scope.includes('connect:'));

/** Whether the token works for this method. */
export const methodRules: Rules<MethodCall> = {
  // "a restricted user or single channel guest": on the pages of those methods that invite or accept
  user_is_restricted: ({ accepted, user }) =>
    accepted.includes(SCOPE) && (user.role === 'guest' || user.role === 'single_channel_guest'),
  // "a legacy bot"
  is_bot: ({ token }) => token.kind === 'legacy_bot',
  // "The token type": the Slack Connect scopes exist for bots only,
  // https://docs.slack.dev/reference/scopes/conversations.connect.write. And the notice of the page
  // of conversations.inviteShared about plans names no code: this one is what is reported from plans
  // without the method.
  not_allowed_token_type: (call) =>
    call.token.kind === 'app' ||
    (isConnect(call) && call.token.kind !== 'bot') ||
    (call.method === METHOD && call.settings.enterprise_only && call.workspace.enterprise === null),
  // "cannot be called from an Enterprise": an org-wide app that works in no workspace yet
  enterprise_is_restricted: ({ token }) => token.org_wide && token.granted.length === 0,
  // "not granted the specific scope permissions"
  missing_scope: ({ accepted, token }) => !accepted.some((scope) => token.scopes.includes(scope)),
};
