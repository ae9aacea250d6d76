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
  /** Whether the method is for workspaces of an Enterprise organization only. */
  enterprise_only: yesOrNo,
  /**
   * What an invitation that was sent here and is open means for the next one to its channel:
   * nothing, that it is refused, or that a place less is free.
   */
  pending_invitations: oneOf('ignored', 'block', 'count'),
  /**
   * Whether invitations are held as requests until an admin approves them, except those of tokens
   * with `conversations.connect:manage`. The caller gets the ordinary answer all the same: Slack
   * documents no other. Source: "Apply automation rules before channel invitations are sent" in
   * https://docs.slack.dev/reference/methods/conversations.requestSharedInvite.deny.
   */
  governance: yesOrNo,
};

/**
 * The modes of the local Slack, where Slack's documentation leaves open what holds, or where it
 * differs from one customer to the next. `POST /sandbox/settings` changes them.
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
