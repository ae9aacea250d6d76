import { describe, expect, test } from 'vitest';
import { type WebhookResult, webhookRecords } from '../../functions/hr-webhook/delivery-metrics.ts';

const IDENTITY = { stack: 'Stack', source: 'acme-hr', requestId: 'r-1' };
const RESULTS: WebhookResult[] = ['accepted', 'duplicate', 'ignored', 'refused', 'failed'];

test('one record of one result is in the embedded metric format', () => {
  expect(webhookRecords(IDENTITY, ['accepted'], 0, 7)).toEqual([
    {
      _aws: {
        Timestamp: 7,
        CloudWatchMetrics: [
          {
            Namespace: 'SlackConnectInvites',
            Dimensions: [['stack', 'source', 'result']],
            Metrics: [{ Name: 'WebhookEvents', Unit: 'Count' }],
          },
        ],
      },
      stack: 'Stack',
      source: 'acme-hr',
      result: 'accepted',
      requestId: 'r-1',
      WebhookEvents: 1,
    },
  ]);
});

describe('the events of one delivery', () => {
  test.each(RESULTS)('are counted under their result: %s', (result) => {
    const records = webhookRecords(IDENTITY, [result, result, result], 0, 7);
    expect(records).toMatchObject([{ result, WebhookEvents: 3 }]);
  });

  test('have a record for each result that there is', () => {
    const results: WebhookResult[] = ['accepted', 'ignored', 'accepted', 'duplicate', 'ignored'];
    expect(webhookRecords(IDENTITY, [...results, 'accepted'], 0, 7)).toMatchObject([
      { result: 'accepted', WebhookEvents: 3 },
      { result: 'ignored', WebhookEvents: 2 },
      { result: 'duplicate', WebhookEvents: 1 },
    ]);
  });

  test('are no record where there are none', () => {
    expect(webhookRecords(IDENTITY, [], 0, 7)).toEqual([]);
  });
});

describe('expressions that failed', () => {
  test('are counted by source, beside the events', () => {
    const [, failed] = webhookRecords(IDENTITY, ['ignored'], 4, 7);
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
      requestId: 'r-1',
      FailedExpressions: 4,
    });
  });

  test('are no record where none failed', () => {
    expect(webhookRecords(IDENTITY, ['accepted'], 0, 7)).toHaveLength(1);
  });
});
