import { describe, expect, test } from 'vitest';
import { InviteError, ownError, reasonOf } from '../../functions/errors/invite-error.ts';
import { type WebhookResult, webhookRecords } from '../../functions/hr-webhook/delivery-metrics.ts';
import { slackCode } from '../support/slack-code.ts';

const IDENTITY = {
  stack: 'Stack',
  functionName: 'hr-webhook',
  source: 'acme-hr',
  requestId: 'r-1',
};
const RESULTS: WebhookResult[] = ['accepted', 'duplicate', 'ignored', 'refused', 'failed'];
const told = (results: WebhookResult[], failedExpressions = 0, error?: InviteError) => ({
  results,
  failedExpressions,
  error: error && reasonOf(error),
});

test('one record of one result is in the embedded metric format', () => {
  expect(webhookRecords(IDENTITY, told(['accepted']), 7)).toEqual([
    {
      _aws: {
        Timestamp: 7,
        CloudWatchMetrics: [
          {
            Namespace: 'SlackConnectInvites',
            Dimensions: [
              ['stack', 'source', 'result'],
              ['stack', 'function', 'result'],
            ],
            Metrics: [{ Name: 'WebhookEvents', Unit: 'Count' }],
          },
        ],
      },
      stack: 'Stack',
      source: 'acme-hr',
      function: 'hr-webhook',
      result: 'accepted',
      requestId: 'r-1',
      WebhookEvents: 1,
    },
  ]);
});

describe('the events of one delivery', () => {
  test.each(RESULTS)('are counted under their result: %s', (result) => {
    const records = webhookRecords(IDENTITY, told([result, result, result]), 7);
    expect(records).toMatchObject([{ result, WebhookEvents: 3 }]);
  });

  test('have a record for each result that there is', () => {
    const results: WebhookResult[] = ['accepted', 'ignored', 'accepted', 'duplicate', 'ignored'];
    expect(webhookRecords(IDENTITY, told([...results, 'accepted']), 7)).toMatchObject([
      { result: 'accepted', WebhookEvents: 3 },
      { result: 'ignored', WebhookEvents: 2 },
      { result: 'duplicate', WebhookEvents: 1 },
    ]);
  });

  test('are no record where there are none', () => {
    expect(webhookRecords(IDENTITY, told([]), 7)).toEqual([]);
  });
});

describe('expressions that failed', () => {
  test('are counted by source, beside the events', () => {
    const [, failed] = webhookRecords(IDENTITY, told(['ignored'], 4), 7);
    expect(failed).toEqual({
      _aws: {
        Timestamp: 7,
        CloudWatchMetrics: [
          {
            Namespace: 'SlackConnectInvites',
            Dimensions: [['stack', 'source']],
            Metrics: [{ Name: 'FailedExpressions', Unit: 'Count' }],
          },
        ],
      },
      stack: 'Stack',
      source: 'acme-hr',
      function: 'hr-webhook',
      requestId: 'r-1',
      FailedExpressions: 4,
    });
  });

  test('are no record where none failed', () => {
    expect(webhookRecords(IDENTITY, told(['accepted']), 7)).toHaveLength(1);
  });
});

describe('an error', () => {
  test('is counted by function and class, and by its code, beside the events', () => {
    const error = ownError('table_unavailable', { reason: 'TimeoutError' });
    const [, failure] = webhookRecords(IDENTITY, told(['failed'], 0, error), 7);
    expect(failure).toEqual({
      _aws: {
        Timestamp: 7,
        CloudWatchMetrics: [
          {
            Namespace: 'SlackConnectInvites',
            Dimensions: [
              ['stack', 'function', 'class'],
              ['stack', 'class'],
              ['stack', 'code'],
            ],
            Metrics: [{ Name: 'Errors', Unit: 'Count' }],
          },
        ],
      },
      stack: 'Stack',
      source: 'acme-hr',
      function: 'hr-webhook',
      requestId: 'r-1',
      class: 'Unavailable',
      code: 'table_unavailable',
      Errors: 1,
    });
  });

  test('of a code that is on no list counts as other', () => {
    const error = new InviteError('SlackRefused', {
      code: slackCode('never_heard_of'),
      detail: '',
    });
    expect(webhookRecords(IDENTITY, told([], 0, error), 7)).toMatchObject([{ code: 'other' }]);
  });
});
