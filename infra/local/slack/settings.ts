import {
  type BadField,
  findBadField,
  isObject,
  oneOf,
  orNull,
  type Values,
  whole,
  yesOrNo,
} from './fields.ts';

const FIELDS = {
  /** Calls of `conversations.inviteShared` a minute, for each workspace and app (Tier 2: 20). */
  rate_per_minute: whole(1, 1_000_000),
  /** How many of them pass in a row. */
  capacity: whole(1, 1_000_000),
  /** E-mail invitations a minute that each user may send before `ratelimit`; null is any number. */
  email_invites_per_minute: orNull(whole(1, 1_000_000)),
  /** Whether the method works only for workspaces of an Enterprise organization. */
  enterprise_only: yesOrNo,
  /**
   * What an open invitation that was sent here means for the next one to its channel: nothing, a
   * refusal, or one place less.
   */
  pending_invitations: oneOf('ignored', 'block', 'count'),
  /**
   * Whether invitations are held as requests until an admin approves them, except those of tokens
   * with `conversations.connect:manage`. The caller gets the usual answer all the same: Slack
   * documents no other. Source: "Apply automation rules before channel invitations are sent" in
   * https://docs.slack.dev/reference/methods/conversations.requestSharedInvite.deny.
   */
  governance: yesOrNo,
};

/**
 * The modes of the local Slack: what Slack's documentation leaves open, or what differs between
 * customers. `POST /sandbox/settings` changes them.
 */
export type Settings = Values<typeof FIELDS>;

/**
 * @param json the JSON of `POST /sandbox/settings`: the settings to change.
 * @returns all settings as they would be, or what is wrong.
 */
export function changeSettings(settings: Settings, json: unknown): Settings | BadField {
  const names = Object.keys(FIELDS).join(', ');
  if (!isObject(json)) return { field: '(body)', allowed: `an object with any of ${names}` };
  return findBadField(FIELDS, json) ?? { ...settings, ...json };
}
