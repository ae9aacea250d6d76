// Every time that the functions keep to, in one place, since each has to fit between two others.
//
// One invocation of a function that calls Slack (20 s):
//
//   0 ├─ policy, claim, token, gate ─┤├── call of Slack ──┤├ settle ┤├ answer ┤├ reserve ┤        lease
//     start                     latest start          call's end  domain's   backstop  function's  │
//                              (MIN_CALL before)                  deadline             end         │
//     ├───────────────────────────────┼────────┼──────────┼─────────┼──────────┼─────────┼─────────┤
//                              -(4+3) s              -4 s      -2 s       -1 s        0 s      +5 s
//
//   call's end        = domain's deadline − SETTLE_MS       the last write has its time
//   domain's deadline = function's end − DOMAIN_MARGIN_MS   the domain ends by itself
//   backstop          = function's end − BACKSTOP_MS        middy answers, should the domain hang
//   lease             = function's end + CLOCK_SKEW_MS      from here on nobody else's clock says "running"

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const DAY_S = DAY_MS / 1000;

/** When Lambda ends each function, in seconds. */
export const FUNCTION_TIMEOUT_S = {
  // Under the 30 s after which the gateway gives up, above the 10 s for Slack and the gate's wait.
  'invite-api': 20,
  'invite-task': 20,
  'invite-turn': 20,
  // The table answers in milliseconds; a call that takes longer is better made again.
  'lane-ticket': 10,
  // Longer than any HR system waits: work that has begun is brought to its end.
  'hr-webhook': 10,
  // Slack waits 3 s and sends again; what has begun is brought to its end.
  'slack-events': 10,
  // A lookup has 5 s, the table and the secret their own few.
  'hr-invite': 20,
  // 200 things at 15 a second, which is what Step Functions lets the account describe.
  sweep: 60,
} as const;

/** Before the function's end: middy's early time-out, a backstop. */
export const BACKSTOP_MS = 1000;
/** Before the function's end: the domain is done, and the backstop never has to act. */
export const DOMAIN_MARGIN_MS = 2000;
/** How far apart the clocks of two functions may be. */
export const CLOCK_SKEW_MS = 5000;

/** Before the domain's deadline: what the last write and the answer may take. */
export const SETTLE_MS = 2000;
/** No call begins with less than this: it would too often end with an unknown outcome. */
export const MIN_CALL_MS = 3000;
export const MAX_CALL_MS = 10_000;

/**
 * One attempt at an AWS service: all of them answer in milliseconds or not at all. Two attempts fit
 * into SETTLE_MS, and a known outcome does not become an unknown one.
 */
export const AWS_ATTEMPTS = 2;
export const AWS_CONNECT_MS = 500;
export const AWS_ANSWER_MS = 800;
/** Before the second attempt at most; and where AWS throttled the first, which it says at once. */
export const AWS_PAUSE_MS = 100;
export const AWS_THROTTLED_PAUSE_MS = 500;
/**
 * A clock that is further off is refused.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
 */
export const AWS_CLOCK_SKEW_MS = 5 * MINUTE_MS;
/** A whole reading of a secret: the SDK's own time-out ends at the head of an answer. */
export const SECRET_READ_MS = 3000;

/** How old a token or a secret may be that is kept in memory. */
export const CACHED_MS = 5 * MINUTE_MS;
/** How old they may be while Secrets Manager does not answer, and when it is tried again then. */
export const STALE_MS = HOUR_MS;
export const STALE_RETRY_MS = MINUTE_MS;
/** How old the secrets may be where none of them signed a delivery. */
export const RENEWED_SECRETS_MS = MINUTE_MS;

/** Beyond the gate's interval: what the writes and an uneven clock may take. */
export const GATE_PATIENCE_MS = 1000;
/** Somebody else at work on an invite is mostly done sooner than the lease says. */
export const IN_PROGRESS_RETRY_S = 5;
/** Slack's `Retry-After`: where it is missing or unreadable, and at most. */
export const SLACK_RETRY_S = 30;
export const SLACK_RETRY_MAX_S = 3600;
/** Until a retry makes sense after Slack was out of reach and said nothing else. */
export const SLACK_UNREACHABLE_RETRY_S = 10;

/** What telling others, and the pointer for Slack's events, may each take of the time to settle. */
export const TELL_MS = 600;
/** What was not told is told by the sweep, when nobody else can be at it any more. */
export const UNTOLD_MS = MINUTE_MS;

/** `date_invalid - date_created` of Slack's invitations. */
export const INVITE_LIFETIME_MS = 14 * DAY_MS;

/** How long what was accepted is tried, an HR system's event or a request in the queue. */
export const QUEUE_LIFETIME_MS = 7 * DAY_MS;
/**
 * The workflows' own limit. An execution that the sweep starts for the rest of that time may live
 * longer: what it finds then has lapsed, and nothing is sent.
 */
export const WORKFLOW_TIMEOUT_S = (QUEUE_LIFETIME_MS - HOUR_MS) / 1000;
/** What must be left of a request's time when its workflow is started: more than that may take. */
export const LEAST_QUEUE_LIFETIME_MS = WORKFLOW_TIMEOUT_S * 1000 + 10 * MINUTE_MS;
/**
 * A Wait state drops the milliseconds of its time, and all who have a ticket for one second come at
 * its beginning. The function waits the rest.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
export const LONGEST_EARLINESS_MS = 1000;
/** A queued request behind its ticket comes back after a tenth of the delay, and at most this. */
export const LONGEST_TURN_WAIT_S = 600;

/**
 * A blocked queue calls Slack once in this time, to see whether the block is gone; after half an hour
 * less and less often.
 */
export const PROBE_MS = MINUTE_MS;
export const PROBE_MAX_MS = 10 * MINUTE_MS;
/** The age of a block from which on its intervals grow: they are a thirtieth of the age. */
export const PROBE_GROWS_AFTER_MS = 30 * MINUTE_MS;
/** Within this time after a probe its result may be on its way. */
export const PROBE_RESULT_MS = 10 * SECOND_MS;

/** Slack's clock and ours may differ by so much, and so may two of its events about one moment. */
export const SLACK_CLOCK_SKEW_MS = MINUTE_MS;
/** How far a sender's clock may be from ours where its source limits the age of events. */
export const SENDERS_CLOCK_SKEW_MS = 5 * MINUTE_MS;
/** Kept of a delivery's time for records and starts: the rules end before. */
export const KEEPING_MS = 3000;
/** No event is begun to be kept with less than this: half of it done is to be done again. */
export const ONE_EVENT_MS = 1000;
/** No part of a large delivery is begun with less before the end of the rules. */
export const ONE_PART_MS = 500;
/** What all expressions of a delivery may take: half of the 3 s for which most senders wait. */
export const RULES_MS = 1500;
/** What one expression gets: at least, however little is left, and at most. */
export const LEAST_EXPRESSION_MS = 25;
export const EXPRESSION_MS = 250;
/**
 * Of the processor. An expression that was stopped after less was not slow: the machine was busy. Most
 * take 1 to 2 ms, and a collection of garbage in the midst of one some 10.
 */
export const LEAST_CPU_MS = 14;
/** How long it is known how far a large delivery came: longer than any sender repeats it. */
export const REPETITIONS_MS = 3 * DAY_MS;
/** The sweep looks at what has waited unchanged for so long. */
export const OVERDUE_MS = 10 * MINUTE_MS;
/** Between two sweeps. */
export const SWEEP_MINUTES = 5;
/** A process notes at most so often that it has heard of an HR source. */
export const HEARD_MS = 10 * MINUTE_MS;
/** Between two tries to start a workflow that is throttled: at first, and at most. */
export const START_PAUSE_MS = 200;
export const START_PAUSE_MAX_MS = 2000;

/** How long a policy may be older than a rule: a deploy moves one function after the other. */
export const POLICY_PATIENCE_MS = 5 * MINUTE_MS;
/** One lookup at an HR system, and the longest `Retry-After` that is believed of it. */
export const LOOKUP_MS = 5000;
export const LOOKUP_RETRY_MAX_S = 3600;
/** A lookup's access token is renewed so long before its end. */
export const TOKEN_MARGIN_MS = MINUTE_MS;
/** How long an address may take to be there: HR systems create a person first and fill it in later. */
export const LOOKUP_PATIENCE_MS = DAY_MS;
export const LOOKUP_FIRST_PAUSE_S = 30;
export const LOOKUP_LONGEST_PAUSE_S = 4 * 3600;
/** How long an event rests at most between two looks at what an operator has to mend. */
export const OPERATOR_LONGEST_PAUSE_S = 900;

/** How long a token lives where the Slack app has token rotation on (`expires_in`). */
export const ROTATED_TOKEN_MS = 12 * HOUR_MS;
