import { CODES } from '../slack/codes.ts';
import { emfRecord } from './emf.ts';
import type { Facts } from './observation.ts';

/**
 * Our own codes that count as a value of the dimension `code`, beside Slack's. CloudWatch bills
 * every value as a metric, so the list is closed: what is not on it counts as `other`.
 */
export const OWN_CODES = new Set([
  'body_too_large',
  'channel_not_allowed',
  'email_domain_denied',
  'email_domain_not_allowed',
  'event_settled',
  'full_access_not_allowed',
  'gate_closed',
  'in_progress',
  'invalid_request',
  'lane_busy',
  'live_invite_with_other_terms',
  'lookup_misconfigured',
  'lookup_unavailable',
  'no_email',
  'no_such_event',
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

/** What leaves the workflow at work. */
const GOES_ON = new Set<Facts['outcome']>(['queued', 'pending_email']);

/**
 * One record of metrics for one invocation. Identifiers stand in it as properties only, never as
 * dimensions.
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
  const errorClass = givenUp ?? error?.name;
  // What can be tried again is tried again: the workflow goes on.
  const isEnd = workflow && !error?.retryable && !GOES_ON.has(outcome);

  return emfRecord(
    [
      {
        dimensions: [['stack', 'door', 'outcome']],
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
          ['stack', 'door', 'class'],
          ['stack', 'code'],
        ],
        metrics: [['Errors', 'Count', error ? 1 : 0]],
      },
      { dimensions: [['stack']], metrics: [['QueueDepth', 'Count', queueDepth]] },
      {
        dimensions: [['stack', 'outcome'], ...(errorClass ? [['stack', 'class']] : [])],
        metrics: [['Workflows', 'Count', isEnd ? 1 : 0]],
      },
    ],
    {
      stack,
      door,
      outcome,
      ...(errorClass && { class: errorClass }),
      ...(error && { code: codeLabel(error.facts.code) }),
      requestId,
      ...(id && { id }),
    },
    timestamp,
  );
};
