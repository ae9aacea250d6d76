import type { SlackCode } from '../../../functions/slack/codes.ts';

/** One call of `conversations.inviteShared`: the arguments as a client names them. */
export type TriggerRequest = {
  token: string;
  channel: string;
  emails?: string[];
  user_ids?: string[];
  external_limited?: boolean;
};

const ok = {
  token: 'xoxb-local-acme-invites',
  channel: 'C0PARTNER01',
  emails: ['casey@partner.example'],
};
const toUser = { token: ok.token, channel: ok.channel };

/**
 * Calls that the fresh world answers with the key they stand under. `ok` holds for 20 calls in a
 * row (the capacity of the rate limiter), to the same or to other addresses.
 */
export const TRIGGERS: { ok: { request: TriggerRequest } } & {
  [code in SlackCode]?: { request: TriggerRequest };
} = {
  ok: { request: ok },

  invalid_auth: { request: { ...ok, token: 'xoxb-local-nobody' } },
  token_expired: { request: { ...ok, token: 'xoxb-local-acme-expired' } },
  token_revoked: { request: { ...ok, token: 'xoxb-local-acme-revoked' } },
  account_inactive: { request: { ...ok, token: 'xoxb-local-acme-inactive' } },
  not_allowed_token_type: { request: { ...ok, token: 'xoxp-local-acme-robin' } },
  is_bot: { request: { ...ok, token: 'xoxb-local-acme-legacy' } },
  missing_scope: { request: { ...ok, token: 'xoxb-local-acme-noscope' } },

  recipients_not_specified: { request: { ...ok, emails: [] } },
  too_many_emails: {
    request: { ...ok, emails: ['casey@partner.example', 'drew@partner.example'] },
  },

  channel_not_found: { request: { ...ok, channel: 'C0NOWHERE01' } },
  invalid_channel_type: { request: { ...ok, channel: 'D0DIRECT001' } },
  channel_archived: { request: { ...ok, channel: 'C0ARCHIVE01' } },
  cannot_share_mandatory_channel: { request: { ...ok, channel: 'C0GENERAL01' } },
  not_in_channel: { request: { ...ok, channel: 'C0NOBOTIN01' } },
  restricted_action: {
    request: {
      ...ok,
      token: 'xoxb-local-cautious-invites',
      channel: 'C0CAUTIOUS1',
      external_limited: false,
    },
  },

  invalid_email: { request: { ...ok, emails: ['casey at partner.example'] } },
  user_not_found: { request: { ...toUser, user_ids: ['U0STRANGER1'] } },
  already_in_channel: { request: { ...ok, emails: ['already.there@partner.example'] } },
};
