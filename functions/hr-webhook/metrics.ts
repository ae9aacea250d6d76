import { emfRecord } from '../runtime/emf.ts';

/** What an event, or a delivery that was not believed, came to. */
export type WebhookResult = 'accepted' | 'duplicate' | 'ignored' | 'refused' | 'failed';

/**
 * The records of one delivery: one for each result, since a record has one value of a dimension.
 *
 * @param source its name; `unknown` where there is none of that name, since the list is closed.
 * @param results one for each event.
 * @param failedExpressions how many expressions failed on the events.
 * @param timestamp epoch milliseconds.
 */
export const webhookRecords = (
  { stack, source, requestId }: { stack: string; source: string; requestId: string },
  results: readonly WebhookResult[],
  failedExpressions: number,
  timestamp: number,
): object[] => {
  const byResult = [...new Set(results)].map((result) =>
    emfRecord(
      [
        {
          dimensions: [['stack', 'source', 'result']],
          metrics: [['WebhookEvents', 'Count', results.filter((one) => one === result).length]],
        },
      ],
      { stack, source, result, requestId },
      timestamp,
    ),
  );
  if (failedExpressions === 0) return byResult;
  const failed = emfRecord(
    [
      {
        dimensions: [['stack', 'source']],
        metrics: [['FailedExpressions', 'Count', failedExpressions]],
      },
    ],
    { stack, source, requestId },
    timestamp,
  );
  return [...byResult, failed];
};
