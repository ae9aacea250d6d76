import type { SlackCode } from '../../../functions/slack/codes.ts';
import { METHOD } from '../../../functions/slack/method.ts';
import type { Fault } from './faults.ts';

/** One call of `conversations.inviteShared`: the arguments as a client names them. */
export type TriggerRequest = {
  token: string;
  channel: string;
  emails?: string[];
  user_ids?: string[];
  external_limited?: boolean;
  message?: string;
};

/** One HTTP request as it is, for codes that depend on how a call is written. */
export type WrittenRequest = {
  method: 'POST';
  path: string;
  headers: Record<string, string>;
  body: string;
};

/** What to send, or the fault to set before `ok.request` is sent. */
export type Trigger = { request: TriggerRequest | WrittenRequest } | { fault: Fault };

/** The call that always works in the fresh world. */
export const GOOD_REQUEST: { token: string; channel: string; emails: [email: string] } = {
  token: 'xoxb-local-acme-invites',
  channel: 'C0PARTNER01',
  emails: ['casey@partner.example'],
};
const ok = GOOD_REQUEST;

/** The good call with another token, channel or argument. */
const by = (token: string, channel = ok.channel) => ({ request: { ...ok, token, channel } });
const into = (channel: string) => by(ok.token, channel);
const withArguments = (change: Partial<TriggerRequest>) => ({ request: { ...ok, ...change } });
const toUser = (id: string) => ({
  request: { token: ok.token, channel: ok.channel, user_ids: [id] },
});

const FORM = 'application/x-www-form-urlencoded';
const JSON_UTF8 = 'application/json; charset=utf-8';
const goodForm = `channel=${ok.channel}&emails=${ok.emails[0]}`;

const written = (
  type: string,
  body: string,
  { path = `/api/${METHOD}`, token = ok.token } = {},
) => ({
  request: {
    method: 'POST' as const,
    path,
    headers: {
      'content-type': type,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  },
});

const fault = (error: SlackCode) => ({ fault: { error, times: 1 } });

/**
 * What makes the fresh world answer with each code. `ok` holds for 20 calls in a row (the capacity
 * of the rate limiter), to the same or to other addresses.
 */
export const TRIGGERS = {
  ok: { request: ok },

  // The caller
  invalid_auth: by('xoxb-local-nobody'),
  account_inactive: by('xoxb-local-acme-inactive'),
  token_revoked: by('xoxb-local-acme-revoked'),
  token_expired: by('xoxb-local-acme-expired'),
  accesslimited: by('xoxb-local-office-invites', 'C0NETWORK01'),
  org_login_required: by('xoxb-local-moving-invites', 'C0MOVING001'),
  team_added_to_org: by('xoxb-local-joining-invites', 'C0JOINING01'),
  two_factor_setup_required: by('xoxp-local-twosteps-sam'),
  user_is_restricted: by('xoxp-local-acme-guest'),
  is_bot: by('xoxb-local-acme-legacy'),
  not_allowed_token_type: by('xoxp-local-acme-robin'),
  missing_scope: by('xoxb-local-acme-noscope'),
  enterprise_is_restricted: by('xoxb-local-globex-ungranted', 'C0GLOBEX001'),
  team_access_not_granted: by('xoxb-local-globex-org', 'C0GLOBEX002'),

  // The arguments
  recipients_not_specified: withArguments({ emails: [] }),
  too_many_emails: withArguments({ emails: [...ok.emails, 'drew@partner.example'] }),
  invalid_arguments: withArguments({ user_ids: ['U0PARTNER02'] }),
  message_too_long: withArguments({ message: 'Join us! '.repeat(63) }),
  url_in_message: withArguments({ message: 'Look at https://acme.example first.' }),

  // The channel
  channel_not_found: into('C0NOWHERE01'),
  invalid_channel_type: into('D0DIRECT001'),
  channel_archived: into('C0ARCHIVE01'),
  cannot_share_mandatory_channel: into('C0GENERAL01'),
  cannot_share_cross_workspace_channel: by('xoxb-local-globex-invites', 'C0CROSSWS01'),
  not_owner: into('C0HOSTED001'),
  not_supported: into('C0NOSHARE01'),
  not_in_channel: into('C0NOBOTIN01'),

  // The sender's rights
  not_paid: by('xoxb-local-garage-invites', 'C0FREEPLAN1'),
  not_allowed_for_grid_workspace: by('xoxb-local-labs-invites', 'C0GLOBEX002'),
  ekm_access_denied: by('xoxb-local-bank-invites', 'C0GLOBEX003'),
  no_permission: into('C0ANNOUNCE1'),
  no_external_invite_permission: by('xoxb-local-acme-inside'),
  restricted_action: withArguments({
    token: 'xoxb-local-cautious-invites',
    channel: 'C0CAUTIOUS1',
    external_limited: false,
  }),

  // The recipient
  invalid_email: withArguments({ emails: ['casey at partner.example'] }),
  already_in_channel: withArguments({ emails: ['already.there@partner.example'] }),
  access_denied: withArguments({ emails: ['rival@rival.example'] }),
  user_not_found: toUser('U0STRANGER1'),

  // The room
  legacy_connection_limit_exceeded: into('C0LEGACY002'),
  connection_limit_exceeded: into('C0FULL00001'),
  connection_limit_exceeded_pending: into('C0PENDING01'),
  member_limit_exceeded: into('C0CROWDED01'),

  // How the call is written
  not_authed: written(FORM, goodForm, { token: '' }),
  unknown_method: written(FORM, goodForm, { path: `/api/${METHOD}Twice` }),
  // Empty, since clients such as fetch add a type of their own if there is none.
  missing_post_type: written('', goodForm),
  invalid_post_type: written('text/html', goodForm),
  invalid_charset: written('application/json; charset=utf-7', '{}'),
  invalid_form_data: written(FORM, '{"channel":'),
  invalid_json: written(JSON_UTF8, '{"channel":'),
  json_not_object: written(JSON_UTF8, '["channel"]'),
  invalid_arg_name: written(FORM, `${goodForm}&e-mails=${ok.emails[0]}`),
  invalid_array_arg: written(FORM, `channel=${ok.channel}&emails[]=${ok.emails[0]}`),
  request_timeout: written(JSON_UTF8, ''),

  // What no caller can cause, or only with a clock
  ratelimited: fault('ratelimited'),
  ratelimit: fault('ratelimit'),
  invite_lookup_error: fault('invite_lookup_error'),
  invite_not_found: fault('invite_not_found'),
  fatal_error: fault('fatal_error'),
  internal_error: fault('internal_error'),
  service_unavailable: fault('service_unavailable'),
  deprecated_endpoint: fault('deprecated_endpoint'),
  method_deprecated: fault('method_deprecated'),
} satisfies { [code in 'ok' | SlackCode]: Trigger };
