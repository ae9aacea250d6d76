/** The Web API method that this project exists for. */
export const METHOD = 'conversations.inviteShared';

/** The bot scope that the method requires. */
export const SCOPE = 'conversations.connect:write';

/** What the method takes, with the token. Both lists hold one recipient at most. */
export type InviteArguments = {
  channel: string;
  /** Slack's default is true; it is always sent, so that a changed default changes nothing here. */
  external_limited: boolean;
} & ({ emails: [string] } | { user_ids: [string] });

/** What the method answers when it worked. `url` and `conf_code` are bearer secrets. */
export type InviteAnswer = {
  invite_id: string;
  is_legacy_shared_channel: boolean;
  /** Only with `external_limited=false`. */
  url?: string;
  /** Only with `external_limited=false`. */
  conf_code?: string;
};

/** The warnings of the method's page. A warning never fails a call. */
export const WARNINGS = {
  missing_charset: {
    description: 'The content type names no charset, although it should.',
    remedy: 'Add "; charset=utf-8" to the content type.',
  },
  superfluous_charset: {
    description: 'The content type names a charset, although a form has none.',
    remedy: 'Leave the charset out of the content type.',
  },
} as const satisfies Record<string, { description: string; remedy: string }>;

export type Warning = keyof typeof WARNINGS;
