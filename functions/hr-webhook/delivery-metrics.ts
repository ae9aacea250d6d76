import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { type InviteError, type Reason, reasonOf } from '../errors/invite-error.ts';
import { type HttpResponse, plainErrorResponse } from '../lambda/http-error-handler.ts';
import { codeLabel, emfRecord, type FunctionIdentity, writeEmf } from '../telemetry/metrics.ts';
import { foreseen } from '../telemetry/observation.ts';
import type { DeliveryResult } from '../webhooks/door.ts';
import type { LeftOut } from '../webhooks/rules.ts';

/** Lambda's context with what there is to tell of the delivery. */
export type DeliveryContext = Context & { source?: string; result?: DeliveryResult };

/**
 * Metrics, logs and the answer to an error, once a delivery. Nothing of the delivery itself is
 * told: which source, which rule, which expression, and a reason off a closed list. The sender
 * learns nothing but the status.
 */
export const deliveryMetrics = (
  { stack, functionName }: FunctionIdentity,
  known: ReadonlySet<string>,
): MiddlewareObj<unknown, HttpResponse, Error, DeliveryContext> => {
  const sourceOf = ({ source = '' }: DeliveryContext) => (known.has(source) ? source : 'unknown');

  const tell = (context: DeliveryContext, error?: InviteError) => {
    const source = sourceOf(context);
    const { result, awsRequestId } = context;
    const received = (result && 'received' in result && result.received) || [];
    const failed = received.flatMap((event) => event.failed);
    const leftOut = received.flatMap((event) => event.leftOut ?? []);
    if (result && 'refused' in result) {
      console.warn({ event: 'delivery_refused', source, reason: result.refused });
    }
    for (const { reason, count } of besideOf(result)) {
      console.warn({ event: 'events_refused', source, reason, count });
    }
    const unstarted = (result && 'unstarted' in result && result.unstarted) || undefined;
    if (unstarted) {
      const { count, reason } = unstarted;
      const { class: errorClass, code } = reason;
      console.warn({ event: 'events_unstarted', source, count, class: errorClass, code });
    }
    for (const ignored of tally(received.flatMap((event) => event.ignored))) {
      console.info({ event: 'event_ignored', source, ...ignored });
    }
    for (const failure of tally(failed)) {
      console.warn({ event: 'expression_failed', source, ...failure });
    }
    for (const place of summed(leftOut)) {
      console.info({ event: 'values_left_out', source, ...place });
    }

    const identity = { stack, functionName, source, requestId: awsRequestId };
    const told = {
      results: resultsOf(result),
      failedExpressions: failed.length,
      leftOut: leftOut.reduce((sum, { count }) => sum + count, 0),
      unstarted: unstarted?.count ?? 0,
      error: error ? reasonOf(error) : unstarted?.reason,
    };
    for (const record of webhookRecords(identity, told, Date.now())) {
      writeEmf(record);
    }
  };

  return {
    after: ({ context }) => tell(context),
    onError: ({ error, context }) => {
      const failure = foreseen(error);
      logFailure(failure, sourceOf(context), context.result);
      tell(context, failure);
      return plainErrorResponse(failure);
    },
  };
};

/** Events that were refused, and why. */
const besideOf = (result: DeliveryResult | undefined): { reason: string; count: number }[] => {
  if (!result || 'refused' in result) return [];
  const { foreign = 0, tooOld = 0 } = result;
  return [
    { reason: 'bad_credentials', count: foreign },
    { reason: 'event_too_old', count: tooOld },
  ].filter(({ count }) => count > 0);
};

/** One entry for what is the same on many events of a delivery. */
const tally = <Entry extends object>(entries: readonly Entry[]): (Entry & { count: number })[] => {
  const groups = Map.groupBy(entries, (entry) => JSON.stringify(entry));
  return [...groups.values()].map((same) => ({ ...(same[0] as Entry), count: same.length }));
};

/** One entry for what a rule's expression left out on all events of a delivery. */
const summed = (entries: readonly LeftOut[]): LeftOut[] => {
  const groups = Map.groupBy(entries, ({ rule, field }) => `${rule} ${field}`);
  return [...groups.values()].map((same) => ({
    ...(same[0] as LeftOut),
    count: same.reduce((sum, { count }) => sum + count, 0),
  }));
};

/** One for each event. No result: an error before any was read, and the sender delivers again. */
const resultsOf = (result: DeliveryResult | undefined): WebhookResult[] => {
  if (!result) return ['failed'];
  if ('refused' in result) return ['refused'];
  const received = (result.received ?? []).map((event) => event.result);
  const unfinished = 'failure' in result ? result.unfinished : 0;
  const beside = besideOf(result).reduce((sum, { count }) => sum + count, 0);
  return [
    ...received,
    ...Array<WebhookResult>(unfinished).fill('failed'),
    ...Array<WebhookResult>(beside).fill('refused'),
  ];
};

const logFailure = (
  { name, facts }: InviteError,
  source: string,
  result: DeliveryResult | undefined,
): void => {
  const { code, detail, retryAfter } = facts;
  console.error({
    event: 'delivery_failed',
    source,
    class: name,
    code,
    detail,
    retry_after: retryAfter,
    ...(result && 'failure' in result && { unfinished: result.unfinished }),
  });
};

/** What an event, or a delivery that was not believed, came to. */
export type WebhookResult = 'accepted' | 'duplicate' | 'ignored' | 'refused' | 'failed';

type Told = {
  /** One for each event. */
  results: readonly WebhookResult[];
  /** How many expressions failed on the events. */
  failedExpressions: number;
  /** How many addresses and ids beyond the first were not taken. */
  leftOut?: number;
  /** How many events are recorded, and their workflow could not be started. */
  unstarted?: number;
  error?: Reason | undefined;
};

/**
 * The records of one delivery: one for each result, since a record has one value of a dimension.
 *
 * @param identity `source`: the source's name; `unknown` where there is none of that name, since
 *   the list is closed.
 * @param timestamp epoch milliseconds.
 */
export const webhookRecords = (
  { functionName, ...identity }: FunctionIdentity & { source: string; requestId: string },
  { results, failedExpressions, leftOut = 0, unstarted = 0, error }: Told,
  timestamp: number,
): object[] => {
  const properties = { ...identity, function: functionName };
  const count = (name: string, dimensions: string[][], value: number, more: object = {}) =>
    emfRecord(
      [{ dimensions, metrics: [[name, 'Count', value]] }],
      { ...properties, ...more },
      timestamp,
    );

  const records = [...new Set(results)].map((result) =>
    count(
      'WebhookEvents',
      [
        ['stack', 'source', 'result'],
        ['stack', 'function', 'result'],
      ],
      results.filter((one) => one === result).length,
      { result },
    ),
  );
  if (failedExpressions > 0) {
    records.push(count('FailedExpressions', [['stack', 'source']], failedExpressions));
  }
  if (leftOut > 0) records.push(count('LeftOutValues', [['stack', 'source']], leftOut));
  if (unstarted > 0) records.push(count('UnstartedEvents', [['stack', 'source']], unstarted));
  if (error) {
    const facts = { class: error.class, code: codeLabel(error.code) };
    const dimensions = [
      ['stack', 'function', 'class'],
      ['stack', 'class'],
      ['stack', 'code'],
    ];
    records.push(count('Errors', dimensions, 1, facts));
  }
  return records;
};
