import { CODES, type SlackCode } from '../../../functions/slack/codes.ts';
import { METHOD, SCOPE } from '../../../functions/slack/method.ts';

/** The scope of those who approve, decline and list invitations. */
export const MANAGE = 'conversations.connect:manage';

/** What lets a token read a channel, by the channel's kind. */
export const READ_SCOPES = {
  public: 'channels:read',
  private: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};

/** Codes that the page of every method has, each with the meaning that it has everywhere. */
export const COMMON = [
  ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'],
  ...['accesslimited', 'org_login_required', 'team_added_to_org', 'two_factor_setup_required'],
  ...['is_bot', 'not_allowed_token_type', 'missing_scope', 'enterprise_is_restricted'],
  ...['access_denied', 'ekm_access_denied', 'no_permission', 'team_access_not_granted'],
  ...['missing_post_type', 'invalid_post_type', 'invalid_charset', 'invalid_form_data'],
  ...['invalid_json', 'json_not_object', 'invalid_arg_name', 'invalid_array_arg'],
  ...['invalid_arguments', 'request_timeout', 'ratelimited', 'fatal_error', 'internal_error'],
  ...['service_unavailable', 'deprecated_endpoint', 'method_deprecated'],
] as SlackCode[];

/**
 * The methods beside `conversations.inviteShared`: the scopes of which one is enough, the calls a
 * minute of the tier, and the codes of the method's page (https://docs.slack.dev/reference/methods/
 * and the name) that are its own.
 */
export const METHODS = {
  // Some hundreds, says the page without a number.
  'auth.test': { scopes: [], perMinute: 600, codes: [] },
  'conversations.info': {
    scopes: Object.values(READ_SCOPES),
    perMinute: 50,
    codes: ['channel_not_found'],
  },
  'conversations.listConnectInvites': {
    scopes: [MANAGE],
    perMinute: 1,
    codes: ['restricted_action'],
  },
  'conversations.acceptSharedInvite': {
    scopes: [SCOPE],
    perMinute: 20,
    codes: [
      ...['channel_conversion_in_progress', 'connection_limit_exceeded', 'email_does_not_match'],
      ...['failed_to_start_trial', 'has_already_connected_to_org', 'invalid_emoji_not_allowed'],
      ...['invalid_host_team', 'invalid_link', 'invalid_name', 'invalid_name_maxlength'],
      ...['invalid_name_punctuation', 'invalid_name_required', 'invalid_name_specials'],
      ...['invalid_privacy', 'invalid_recipient_team', 'invalid_target_team'],
      ...['invite_from_same_org', 'invite_not_found', 'invite_used', 'is_pending_connected_to_org'],
      ...['legacy_connection_invalid_org', 'legacy_connection_limit_exceeded', 'name_taken'],
      ...['not_allowed_for_grid_workspace', 'not_paid', 'restricted_action', 'team_not_found'],
      ...['user_cannot_create_channel', 'user_is_restricted', 'user_not_found'],
      'user_required_to_accept_as_private_but_cannot',
    ],
  },
  'conversations.approveSharedInvite': {
    scopes: [MANAGE],
    perMinute: 50,
    codes: [
      ...['already_approved', 'approval_inactive', 'approval_not_found', 'channel_not_found'],
      ...['channel_conversion_in_progress', 'invalid_action', 'invalid_link', 'invite_not_found'],
      ...['missing_target_team', 'not_paid', 'restricted_action'],
    ],
  },
  'conversations.declineSharedInvite': {
    scopes: [MANAGE],
    perMinute: 50,
    codes: [
      ...['approval_inactive', 'approval_not_found', 'inactive_invite', 'invite_not_found'],
      ...['missing_target_team', 'not_paid', 'restricted_action'],
    ],
  },
} satisfies Record<string, { scopes: string[]; perMinute: number; codes: string[] }>;

export type Other = keyof typeof METHODS;

/** Those of them that a fault can hit and whose codes have triggers. */
export type ConnectMethod = Exclude<Other, 'auth.test'>;

export const isOther = (name: string): name is Other => Object.hasOwn(METHODS, name);

/** Every method here; the others are counted as `unknown_method`. */
export const NAMES = [METHOD, ...(Object.keys(METHODS) as Other[])] as const;

/** @returns the codes that a method can answer. */
export const codesOf = (name: typeof METHOD | Other): string[] =>
  name === METHOD ? Object.keys(CODES) : [...COMMON, ...METHODS[name].codes];
