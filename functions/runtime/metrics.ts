import { CODES } from '../slack/codes.ts';
import type { Facts } from './observation.ts';

/** The CloudWatch namespace of all metrics. */
const NAMESPACE = 'SlackConnectInvites';

/**
 * Our own codes that count as a value of the dimension `code`, beside Slack's. CloudWatch bills
 * every value as a metric, so the list is closed: what is not on it counts as `other`.
 */
export const OWN_CODES = new Set([
  'body_too_large',
  'channel_not_allowed',
  'email_domain_denied',
  'email_domain_not_allowed',
  'full_access_not_allowed',
  'gate_closed',
  'in_progress',
  'invalid_request',
  'lane_busy',
  'live_invite_with_other_terms',
  'no_such_invite',
  'no_token',
  'no_usable_answer',
  'out_of_time',
  'outcome_unknown',
  'queued_with_other_terms',
  'resend_ahead',
  'secret_misconfigured',
  'secret_unavailable',
  'slack_unreachable',
  'superseded',
  'table_misconfigured',
  'table_unavailable',
  'timed_out',
  'unexpected',
  'unreadable_body',
  'unsupported_media_type',
  'user_ids_not_allowed',
  'workflow_misconfigured',
  'workflow_unavailable',
  'workspace_not_verified',
  'wrong_workspace',
]);

/** @returns the value of the dimension `code`. */
const codeLabel = (code: string): string =>
  OWN_CODES.has(code) || Object.hasOwn(CODES, code) ? code : 'other';

type Metric = { Name: string; Unit: 'Count' | 'Milliseconds' };
type Directive = { Namespace: string; Dimensions: string[][]; Metrics: Metric[] };

/**
 * One record in CloudWatch's embedded metric format for one invocation
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * Identifiers stand in it as properties only, never as dimensions.
 *
 * @param timestamp epoch milliseconds.
 */
export const metricsRecord = (
  { stack, door }: { stack: string; door: string },
  facts: Facts,
  requestId: string,
  timestamp: number,
): object => {
  const { outcome, id, error, slackLatency, gateWait, tokenRefreshes, warnings } = facts;
  const { queueWait, queueDepth, workflow, givenUp } = facts;
  const directives: Directive[] = [];
  const values: Record<string, unknown> = {};
  const add = (
    dimensions: string[][],
    metrics: [name: string, unit: Metric['Unit'], value: number | number[]][],
  ) => {
    const present = metrics.filter(([, , value]) =>
      Array.isArray(value) ? value.length > 0 : value > 0,
    );
    if (present.length === 0) return;
    directives.push({
      Namespace: NAMESPACE,
      Dimensions: dimensions,
      Metrics: present.map(([Name, Unit]) => ({ Name, Unit })),
    });
    for (const [name, , value] of present) values[name] = value;
  };

  add(
    [['stack', 'door', 'outcome']],
    [
      ['Invites', 'Count', 1],
      ['SlackLatency', 'Milliseconds', slackLatency],
      ['GateWait', 'Milliseconds', gateWait],
      ['QueueWait', 'Milliseconds', queueWait],
      ['TokenRefresh', 'Count', tokenRefreshes],
      ['Warnings', 'Count', warnings.length],
    ],
  );
  if (error)
    add(
      [
        ['stack', 'door', 'class'],
        ['stack', 'code'],
      ],
      [['Errors', 'Count', 1]],
    );

  add([['stack']], [['QueueDepth', 'Count', queueDepth]]);
  const errorClass = givenUp ?? error?.name;
  // What can be tried again is tried again: the workflow goes on.
  if (workflow && !error?.retryable)
    add(
      [['stack', 'outcome'], ...(errorClass ? [['stack', 'class']] : [])],
      [['Workflows', 'Count', 1]],
    );

  return {
    _aws: { Timestamp: timestamp, CloudWatchMetrics: directives },
    stack,
    door,
    outcome,
    ...(errorClass && { class: errorClass }),
    ...(error && { code: codeLabel(error.facts.code) }),
    ...values,
    requestId,
    ...(id && { id }),
  };
};
