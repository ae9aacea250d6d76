import { loopbackUrl } from '../../../functions/lib/text.ts';
import {
  type BadField,
  type Field,
  findBadField,
  isObject,
  matching,
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
  /**
   * Who has to approve an acceptance before the channel is connected: nobody, the inviting side
   * (true), or both.
   */
  approval_required: {
    holds: (value) => value === 'both' || typeof value === 'boolean',
    allowed: 'false, true or both',
  } as Field<boolean | 'both'>,
  /** Whether Slack tells of a recipient who declines without having accepted: it does not say. */
  decline_before_acceptance: oneOf('told', 'silent'),
  /** The shape of the items of `conversations.listConnectInvites`: the documented, or the flat one. */
  list_shape: oneOf('nested', 'flat'),
  /** Where events go. */
  events_url: orNull({
    holds: (value) => isLoopback(value),
    allowed: 'an http or https URL of this machine',
  } as Field<string>),
  signing_secret: matching(/^[\x21-\x7e]{16,100}$/, 'a text of 16 to 100 characters'),
  /** What happens to events: they arrive, or are lost, doubled, late, or two in the wrong order. */
  events_mode: oneOf('normal', 'lost', 'doubled', 'late', 'reordered'),
  /** How late a late one is, and how long a reordered one waits for the next, in ms. */
  events_delay_ms: whole(0, 600_000),
};

function isLoopback(value: unknown): boolean {
  try {
    return typeof value === 'string' && loopbackUrl('events_url', value) !== undefined;
  } catch {
    return false;
  }
}

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
