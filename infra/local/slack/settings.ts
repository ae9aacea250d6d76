import { type BadField, type Field, isObject, oneOf, orNull, whole, yesOrNo } from './fields.ts';

const PENDING_MODES = ['ignored', 'block', 'count'] as const;

/**
 * The modes of the local Slack, where Slack's documentation leaves open what holds, or where it
 * differs from one customer to the next. `POST /sandbox/settings` changes them.
 */
export type Settings = {
  /** Calls of `conversations.inviteShared` a minute, for each workspace and app (Tier 2: 20). */
  rate_per_minute: number;
  /** How many of them pass in a row. */
  capacity: number;
  /** E-mail invitations a minute that each user may send before `ratelimit`; null is any number. */
  email_invites_per_minute: number | null;
  /** Whether the method is for workspaces of an Enterprise organization only. */
  enterprise_only: boolean;
  /**
   * What an invitation that was sent here and is open means for the next one to its channel:
   * nothing, that it is refused, or that a place less is free.
   */
  pending_invitations: (typeof PENDING_MODES)[number];
  /**
   * Whether invitations are held as requests until an admin approves them, except those of tokens
   * with `conversations.connect:manage`. The caller gets the ordinary answer all the same: Slack
   * documents no other. Source: "Apply automation rules before channel invitations are sent" in
   * https://docs.slack.dev/reference/methods/conversations.requestSharedInvite.deny.
   */
  governance: boolean;
};

const FIELDS: Record<keyof Settings, Field> = {
  rate_per_minute: whole(1, 1_000_000),
  capacity: whole(1, 1_000_000),
  email_invites_per_minute: orNull(whole(1, 1_000_000)),
  enterprise_only: yesOrNo,
  pending_invitations: oneOf(PENDING_MODES),
  governance: yesOrNo,
};

/**
 * @param json the JSON of `POST /sandbox/settings`: the settings to change.
 * @returns all settings as they would be, or what is wrong.
 */
export function changeSettings(settings: Settings, json: unknown): Settings | BadField {
  const names = Object.keys(FIELDS).join(', ');
  if (!isObject(json)) return { field: '(body)', allowed: `an object with any of ${names}` };
  for (const [name, value] of Object.entries(json)) {
    const field = Object.entries(FIELDS).find(([each]) => each === name)?.[1];
    if (!field) return { field: name, allowed: `one of ${names}` };
    if (!field.holds(value)) return { field: name, allowed: field.allowed };
  }
  return { ...settings, ...json };
}
