import type { ErrorClass } from '../errors/classes.ts';
import { OWN_CODES } from '../errors/codes.ts';
import { InviteError } from '../errors/invite-error.ts';
import type { InviteSource } from '../invites/invite.ts';
import type { WhileAway } from '../lib/async.ts';
import { CODES } from '../slack/codes.ts';
import type { Silent } from '../webhooks/silence.ts';

/**
 * @returns the value of the dimension `code`. CloudWatch bills every value as a metric, and the list
 *   is closed: our own codes and those of the method's page.
 */
export const codeLabel = (code: string): string =>
  Object.hasOwn(OWN_CODES, code) || Object.hasOwn(CODES, code) ? code : 'other';

/** Which function writes a record: its folder's name, and its stack's. */
export type FunctionIdentity = { stack: string; functionName: string };

/**
 * What one invocation came to: an outcome of the domain, a look at an invite, a step of the
 * workflow, or an error.
 */
export type Outcome =
  | 'sent'
  | 'existing'
  | 'already_in_channel'
  | 'queued'
  | 'pending_email'
  | 'blocked'
  | 'read'
  | 'listed'
  | 'cancelled'
  | 'dry_run'
  | 'ticket'
  | 'swept'
  | 'given_up'
  | 'refused'
  | 'unknown';

/** What one metrics record tells. */
export type InvocationFacts = {
  outcome: Outcome;
  id?: string;
  /** The invite's channel, and who asked for it; see {@link sourceOf}. */
  channel?: string;
  source?: string;
  error?: InviteError;
  /** Milliseconds; a call that is repeated with a renewed token gives several. */
  slackLatency: number[];
  gateWait: number[];
  queueWait: number[];
  queueDepth: number[];
  /** Whether the invocation carries out a queued request, and with it the workflow may end. */
  workflow: boolean;
  givenUp?: ErrorClass;
  /** What an operator has to mend, where a request or an event waits for that. */
  blockedBy?: InviteError;
  tokenRefreshes: number;
  warnings: string[];
  /** Seconds until the token ends, for one that does. */
  tokenLife?: number | undefined;
  /** Why the ledger could not be told what Slack answered. */
  unrecorded?: string;
  /** Why the other doors could not be told to wait. */
  holdOffFailed?: string;
};

/** What leaves the workflow at work. */
const GOES_ON = new Set<InvocationFacts['outcome']>(['queued', 'pending_email', 'blocked']);

/**
 * One record of metrics for one invocation. Identifiers stand in it as properties only, never as
 * dimensions.
 *
 * @param timestamp epoch milliseconds.
 */
export const metricsRecord = (
  { stack, functionName }: FunctionIdentity,
  facts: InvocationFacts,
  requestId: string,
  timestamp: number,
): object => {
  const { outcome, id, channel, source, error, slackLatency, gateWait, tokenRefreshes, warnings } =
    facts;
  const { queueWait, queueDepth, workflow, givenUp, tokenLife = 0 } = facts;
  // The code says what stands in the way. The class says that the queue waits for that: nobody is refused.
  const counted = facts.blockedBy ?? error;
  const errorClass = givenUp ?? (error?.name === 'Blocked' ? error : counted)?.name;
  // What can be tried again is tried again: the workflow goes on.
  const isEnd = workflow && !error?.retryable && !GOES_ON.has(outcome);

  return emfRecord(
    [
      {
        dimensions: [['stack', 'function', 'outcome']],
        metrics: [
          ['Invites', 'Count', 1],
          ['SlackLatency', 'Milliseconds', slackLatency],
          ['GateWait', 'Milliseconds', gateWait],
          ['QueueWait', 'Milliseconds', queueWait],
          ['TokenRefresh', 'Count', tokenRefreshes],
          ['Warnings', 'Count', warnings.length],
        ],
      },
      {
        dimensions: [
          ['stack', 'function', 'class'],
          ['stack', 'class'],
          ['stack', 'code'],
        ],
        metrics: [['Errors', 'Count', counted ? 1 : 0]],
      },
      {
        dimensions: [['stack']],
        metrics: [
          ['QueueDepth', 'Count', queueDepth],
          ['TokenLife', 'Seconds', tokenLife],
        ],
      },
      {
        dimensions: [['stack', 'outcome'], ...(errorClass ? [['stack', 'class']] : [])],
        metrics: [['Workflows', 'Count', isEnd ? 1 : 0]],
      },
    ],
    {
      stack,
      function: functionName,
      outcome,
      ...(errorClass && { class: errorClass }),
      ...(counted && { code: codeLabel(counted.facts.code) }),
      requestId,
      ...(id && { id }),
      ...(channel && { channel }),
      ...(source && { source }),
    },
    timestamp,
  );
};

/** How the stack is when a sweep has been through it, as far as it could be read. */
export type StackState = {
  /** Whether the queue waits for an operator. */
  isBlocked: boolean | undefined;
  /** How long the oldest queued request has waited, or the oldest event that has come to none. */
  oldestWaitMs: number | undefined;
  /** Requests and events that were accepted, have not ended, and had nobody at work on them. */
  unended: number;
  /** HR sources that have been silent for longer than is usual. */
  silent: readonly Silent[] | undefined;
};

/** The record of a sweep. Zero is told, too: who hears nothing of it knows that there was none. */
export const stateRecord = (
  { stack, functionName }: FunctionIdentity,
  { isBlocked, oldestWaitMs, unended, silent }: StackState,
  timestamp: number,
): object =>
  emfRecord(
    [
      {
        dimensions: [['stack']],
        metrics: [
          ['Blocked', 'Count', isBlocked === undefined ? [] : [Number(isBlocked)]],
          [
            'OldestWaiting',
            'Seconds',
            oldestWaitMs === undefined ? [] : [Math.round(oldestWaitMs / 1000)],
          ],
          ['Unended', 'Count', [unended]],
          ['SilentSources', 'Count', silent ? [silent.length] : []],
        ],
      },
    ],
    { stack, function: functionName },
    timestamp,
  );

/** The CloudWatch namespace of all metrics. */
const NAMESPACE = 'SlackConnectInvites';

export type Unit = 'Count' | 'Milliseconds' | 'Seconds';
/** One metric: an empty list and a count of nothing are left out. */
export type Metric = [name: string, unit: Unit, value: number | number[]];

/**
 * A record in CloudWatch's embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 *
 * @param groups metrics, each group with its dimension sets; the dimensions stand in `properties`.
 * @param timestamp epoch milliseconds.
 */
export const emfRecord = (
  groups: { dimensions: string[][]; metrics: Metric[] }[],
  properties: Record<string, unknown>,
  timestamp: number,
): object => {
  const present = groups
    .map(({ dimensions, metrics }) => ({
      dimensions,
      metrics: metrics.filter(([, , value]) =>
        Array.isArray(value) ? value.length > 0 : value > 0,
      ),
    }))
    .filter(({ metrics }) => metrics.length > 0);
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: present.map(({ dimensions, metrics }) => ({
        Namespace: NAMESPACE,
        Dimensions: dimensions,
        Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
      })),
    },
    ...properties,
    ...Object.fromEntries(
      present.flatMap(({ metrics }) => metrics.map(([name, , value]) => [name, value])),
    ),
  };
};

/**
 * Writes a record where CloudWatch finds it: straight to stdout, since what console.log writes is
 * wrapped under JSON log format, and metrics are not found in a wrapped record.
 */
export const writeEmf = (record: object): void => {
  process.stdout.write(`${JSON.stringify(record)}\n`);
};

/** While Secrets Manager does not answer, what was read last serves, and each failed reading is counted. */
export const secretAway = ({ stack, functionName }: FunctionIdentity): WhileAway => ({
  isAway: (error) => error instanceof InviteError && error.name === 'Unavailable',
  told() {
    const groups: Parameters<typeof emfRecord>[0] = [
      { dimensions: [['stack']], metrics: [['StaleSecret', 'Count', 1]] },
    ];
    writeEmf(emfRecord(groups, { stack, function: functionName }, Date.now()));
  },
});

/** @returns who asked for an invite, as a list may have it: an HR source by its name, and others by their door. */
export const sourceOf = ({ door, caller }: InviteSource): string =>
  door === 'hr-webhook' && caller !== undefined ? caller : door;
