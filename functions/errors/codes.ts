// Longer than other files, because it is one table that is read as a whole.
import type { ErrorClass } from './classes.ts';

/**
 * One of our own error codes. `description` says what happened and `remedy` what to do about it,
 * each in whole sentences; a name in braces stands for a value. Together they are the `detail`.
 */
type CodeRow = {
  class: ErrorClass;
  description: string;
  remedy: string;
  /** The HTTP status, where it is not the one of the class. */
  status?: number;
  /** Seconds until a retry makes sense, where the code alone decides that. */
  retryAfter?: number;
  /** The section of the documents that says more. */
  runbook?: string;
  /** Only an invite's or an event's `error` shows it; no answer has it. */
  onlyRecorded?: true;
};

const RETRY = 'Try again after retry_after seconds.';
const DEPLOY_AGAIN =
  "Deploy the stack again, and check that nobody changed it or the function's role.";

/**
 * Our own codes; Slack's are in a table of their own (`slack/codes.ts`). Errors are made from it, the metrics take the
 * values of the dimension `code` from it, and the documents print it.
 */
export const OWN_CODES = {
  // The caller's input
  unreadable_body: {
    class: 'InvalidRequest',
    status: 400,
    description: 'The body {problem}.',
    remedy: 'Send one invitation as JSON or as a form, in UTF-8.',
  },
  body_too_large: {
    class: 'InvalidRequest',
    status: 413,
    description: 'The body has more than {limit} bytes.',
    remedy: 'Send one invitation in a request; it needs a few hundred bytes.',
  },
  unsupported_media_type: {
    class: 'InvalidRequest',
    status: 415,
    description: 'The body {problem}.',
    remedy:
      'Set content-type to application/json or application/x-www-form-urlencoded, as the body is, in UTF-8 and not compressed.',
  },
  invalid_request: {
    class: 'InvalidRequest',
    description: 'Invalid request: {problems}.',
    remedy: 'Correct the fields that errors names.',
  },
  bad_person_id: {
    class: 'InvalidRequest',
    description: 'The id of the person in the event is empty, 0, a path, or too long.',
    remedy: 'Check where the source reads the id from.',
  },

  // What the request names does not exist
  no_such_invite: {
    class: 'NotFound',
    description: 'There is no invite with this id.',
    remedy: 'Take the id from the answer of POST /invites.',
  },
  no_such_event: {
    class: 'NotFound',
    description: 'There is no record of this event; somebody erased it.',
    remedy: 'Nothing to do.',
  },
  no_email: {
    class: 'NotFound',
    description: 'The HR system had no e-mail address of this person within a day.',
    remedy:
      'Enter the address there, and invite the person by hand, or delete the record of the event and let the HR system send it again.',
    runbook: 'operating.md#no_email',
  },

  // The policy of the deployment
  channel_not_allowed: {
    class: 'NotAllowed',
    description: 'The channel {channel} is not listed in this deployment.',
    remedy:
      'Add slackConnectInvites.channels.{channel}, or grant it with npm run allow, if it is meant to be allowed.',
  },
  caller_not_allowed: {
    class: 'NotAllowed',
    description: 'The caller may not invite into the channel {channel}.',
    remedy:
      'Add it as {forms} to slackConnectInvites.channels.{key}.callers, or grant it with npm run allow, if it is meant to be allowed.',
  },
  email_domain_not_allowed: {
    class: 'NotAllowed',
    description: 'The domain {domain} is not listed for the channel {channel}.',
    remedy:
      'Add it to slackConnectInvites.channels.{key}.emailDomains, or grant it with npm run allow, if it is meant to be allowed.',
  },
  email_domain_denied: {
    class: 'NotAllowed',
    description: 'The domain {domain} is denied in this deployment.',
    remedy:
      'Remove it, or the domain above it, from slackConnectInvites.deniedEmailDomains, if it is meant to be allowed.',
  },
  user_ids_not_allowed: {
    class: 'NotAllowed',
    description: 'Nobody is invited into the channel {channel} by user id.',
    remedy: 'Invite by address, or set slackConnectInvites.channels.{key}.userIds.',
  },
  full_access_not_allowed: {
    class: 'NotAllowed',
    description: 'The channel {channel} does not allow external_limited=false.',
    remedy: 'Leave it out, or set slackConnectInvites.channels.{key}.fullAccess.',
  },

  event_too_old: {
    class: 'NotAllowed',
    description:
      'The event is older than the maxAge of its source ({seconds} s), or does not say when it happened.',
    remedy:
      'If it is no replay, invite the person by hand; raise slackConnectInvites.sources.*.maxAge if such events are to be taken.',
    runbook: 'webhooks.md#replays-and-duplicates',
  },
  policy_behind: {
    class: 'Unavailable',
    description:
      'The policy refuses what a rule of this deployment wants ({code}); a deploy may still be under way.',
    remedy: 'Nothing to do: it is tried again for 5 minutes, and refused after that.',
    retryAfter: 30,
  },

  // The invite as it is now
  live_invite_with_other_terms: {
    class: 'Conflict',
    description: 'A live invitation with external_limited={external_limited} exists.',
    remedy: 'To send another one with other terms, send resend {attempts}.',
  },
  queued_with_other_terms: {
    class: 'Conflict',
    description:
      'The invitation waits in the queue, to be sent with external_limited={external_limited}.',
    remedy: 'Try again once it has left the queue.',
  },
  resend_ahead: {
    class: 'Conflict',
    description: 'The invite shows attempts {attempts}, which is less than resend says.',
    remedy: 'Look at the invite, and send resend {attempts} if it is to be sent once more.',
  },
  superseded: {
    class: 'Conflict',
    description:
      'This request is no longer in the queue: it was erased, or another one took its place.',
    remedy: 'Nothing to do: the other one answers for it.',
  },
  cannot_take_back: {
    class: 'Conflict',
    description:
      'The invite is {status}: an invitation is out, or may be, and Slack has no method that takes one back.',
    remedy:
      'A person who manages Slack Connect in the workspace can revoke it in Slack while nobody has accepted it, and remove the other side from the channel later.',
    runbook: 'calling.md#cancelling',
  },
  nothing_to_cancel: {
    class: 'Conflict',
    description: 'The invite is {status}: nothing waits in the queue, and nothing will be sent.',
    remedy: 'Nothing to do.',
  },
  cancelled: {
    class: 'Cancelled',
    description: 'Somebody cancelled the request while it waited in the queue. Nothing was sent.',
    remedy: 'Send it again if it is wanted after all.',
  },
  event_settled: {
    class: 'Conflict',
    description: 'The event has ended already.',
    remedy: 'Nothing to do: its record says how it ended.',
  },
  in_progress: {
    class: 'InProgress',
    description: 'The same invitation is being sent right now.',
    remedy: RETRY,
  },
  gate_closed: {
    class: 'RateLimited',
    description: 'The pace that Slack permits is used up, or Slack said to wait.',
    remedy: RETRY,
  },

  // Slack
  slack_unreachable: {
    class: 'SlackUnavailable',
    description: 'Slack could not be reached ({reason}), and nothing was sent.',
    remedy: `${RETRY} If it lasts, check DNS and outbound access.`,
    retryAfter: 10,
  },
  workspace_not_verified: {
    class: 'SlackUnavailable',
    description: 'Slack did not say which workspace the token belongs to, and nothing was sent.',
    remedy: RETRY,
    retryAfter: 10,
  },
  no_usable_answer: {
    class: 'OutcomeUnknown',
    description: 'Slack gave no usable answer ({reason}), and the invitation may have been sent.',
    remedy: 'Look in Slack; if it is not there, send resend {attempts}.',
    runbook: 'operating.md#outcomeunknown',
  },
  outcome_unknown: {
    class: 'OutcomeUnknown',
    status: 409, // the call that met it got 504
    description: 'An earlier call may have sent this invitation.',
    remedy: 'Look in Slack; if it is not there, send resend {attempts}.',
    runbook: 'operating.md#outcomeunknown',
  },
  timed_out: {
    class: 'OutcomeUnknown',
    description: 'The function ran out of time, and the invitation may have been sent.',
    remedy:
      'Send the same request again: it sends nothing while the outcome is unknown, and says what to do.',
    runbook: 'operating.md#outcomeunknown',
  },
  no_token: {
    class: 'SlackCredentials',
    description: 'The secret holds nothing that can be read as a Slack token.',
    remedy:
      'Put the bot token of the Slack app into it: bare, in quotes, as JSON with the member token, or as the value of one key, whatever its name.',
    runbook: 'operating.md#the-token',
  },
  wrong_workspace: {
    class: 'SlackCredentials',
    description:
      'The token belongs to another workspace than slackConnectInvites.workspace ({workspace}).',
    remedy: 'Put the token of that workspace into the secret, or correct the key.',
    runbook: 'operating.md#the-token',
  },
  secret_misconfigured: {
    class: 'SlackCredentials',
    description: 'The secret with the Slack token could not be used ({reason}).',
    remedy:
      'Check that it exists, that it holds the token, and that the function may read and decrypt it.',
  },

  blocked: {
    class: 'Blocked',
    description: 'The queue waits: {class} ({code}) stands in the way, and nothing was sent.',
    remedy: 'The operator of this deployment has to mend it. The request stays in the queue.',
    runbook: 'operating.md#blocked',
  },

  // This service, AWS and the HR system: nothing was sent
  out_of_time: {
    class: 'Unavailable',
    description: "The function's time was used up before anything was sent.",
    remedy: RETRY,
    retryAfter: 1,
  },
  table_unavailable: {
    class: 'Unavailable',
    description: "The stack's table did not answer ({reason}), and nothing was sent.",
    remedy: RETRY,
    retryAfter: 5,
  },
  table_misconfigured: {
    class: 'Defect',
    description: "The stack's table could not be used ({reason}).",
    remedy: DEPLOY_AGAIN,
  },
  secret_unavailable: {
    class: 'Unavailable',
    description:
      'The secret with the Slack token could not be read ({reason}), and nothing was sent.',
    remedy: RETRY,
    retryAfter: 5,
  },
  webhook_secret_unavailable: {
    class: 'Unavailable',
    description: 'The secret of the HR sources could not be read ({reason}).',
    remedy: RETRY,
    retryAfter: 5,
  },
  webhook_secret_misconfigured: {
    class: 'Defect',
    description: 'The secret of the HR sources could not be used ({reason}).',
    remedy: 'Check that it exists, and that the function may read and decrypt it.',
  },
  signing_secret_unavailable: {
    class: 'Unavailable',
    description: 'The secret with what Slack signs with could not be read ({reason}).',
    remedy: RETRY,
    retryAfter: 5,
  },
  signing_secret_misconfigured: {
    class: 'Defect',
    description: 'The secret with what Slack signs with could not be used ({reason}).',
    remedy: 'Check that it exists, and that the function may read and decrypt it.',
  },
  bus_unavailable: {
    class: 'Unavailable',
    description: 'EventBridge did not take what is to be told.',
    remedy: RETRY,
    retryAfter: 5,
  },
  workflow_unavailable: {
    class: 'Unavailable',
    description:
      'The workflow did not answer ({reason}), and the request may be in the queue or not.',
    remedy: 'Send the same request again after retry_after seconds; it is queued once.',
    retryAfter: 5,
  },
  workflow_ends_at_once: {
    class: 'Unavailable',
    description: 'The executions of the workflow end at once, and nothing was sent.',
    remedy: RETRY,
    retryAfter: 30,
  },
  workflow_misconfigured: {
    class: 'Defect',
    description: 'The workflow could not be used ({reason}).',
    remedy: DEPLOY_AGAIN,
  },
  lane_busy: {
    class: 'Unavailable',
    description: 'No ticket could be taken, and nothing was sent.',
    remedy: RETRY,
    retryAfter: 1,
  },
  lookup_unavailable: {
    class: 'Unavailable',
    description:
      'The lookup of the address in the HR system failed ({reason}), and nothing was sent.',
    remedy: RETRY,
    retryAfter: 60,
  },
  lookup_misconfigured: {
    class: 'Defect',
    description: 'The lookup of the address in the HR system failed ({reason}).',
    remedy: "Check the source's lookup and its credential.",
    runbook: 'operating.md#lookup_misconfigured',
  },
  rules_too_slow: {
    class: 'Unavailable',
    description: "The rules took too long on this delivery's events to try them all.",
    remedy:
      'See which expressions were stopped, and have the sender put fewer events into a delivery.',
    retryAfter: 60,
  },
  not_all_kept: {
    class: 'Unavailable',
    description: "The function's time was used up before every event was kept.",
    remedy: 'Deliver again: the events that were kept count as duplicates.',
    retryAfter: 5,
  },
  record_raced: {
    class: 'Unavailable',
    description: "The event's record changed again and again while it was to be written.",
    remedy: RETRY,
    retryAfter: 5,
  },
  unexpected: {
    class: 'Defect',
    description: 'Something failed that should not.',
    remedy: "Look for unexpected_error in the function's log, and report it.",
  },

  // How a wait ended
  queue_lapsed: {
    class: 'Unavailable',
    description: 'Nobody carried the request out within 7 days, and nothing was sent.',
    remedy: 'Send it again.',
    onlyRecorded: true,
  },
  given_up: {
    class: 'Defect',
    description: 'The workflow ended without an invitation; the class says why.',
    remedy: 'Send the request again once the cause is mended.',
    onlyRecorded: true,
  },
} as const satisfies Record<string, CodeRow>;

export type OwnCode = keyof typeof OWN_CODES;

declare const SLACK: unique symbol;
/** A code that came from Slack, whether or not the method's page lists it. */
export type SlackErrorCode = string & { [SLACK]: true };

export type Code = OwnCode | SlackErrorCode;

/** @returns a row of the table, for readers of its optional members. */
export const codeRow = (code: OwnCode): CodeRow => OWN_CODES[code];

type Braces<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Braces<Rest>
  : never;

/** The values that the text of a code has braces for. */
export type Values<C extends OwnCode> = Record<
  Braces<(typeof OWN_CODES)[C]['description'] | (typeof OWN_CODES)[C]['remedy']>,
  string | number | boolean
>;
