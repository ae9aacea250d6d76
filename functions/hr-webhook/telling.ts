import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { InviteError } from '../invites/errors.ts';
import { writeEmf } from '../runtime/emf.ts';
import { logRefusal, logUnexpected } from '../runtime/log.ts';
import { type HttpResponse, problemResponse } from '../runtime/problem.ts';
import type { Outcome } from './door.ts';
import { type WebhookResult, webhookRecords } from './metrics.ts';

/** Lambda's context with what there is to tell of the delivery. */
export type ToldContext = Context & { source?: string; outcome?: Outcome };

/**
 * Metrics, logs and the answer to an error, once a delivery. Nothing of the delivery itself is
 * told: which source, which rule, which expression, and a reason off a closed list.
 */
export const telling = (
  stack: string,
  known: ReadonlySet<string>,
): MiddlewareObj<unknown, HttpResponse, Error, ToldContext> => {
  const tell = ({ source: name = '', outcome, awsRequestId }: ToldContext) => {
    const source = known.has(name) ? name : 'unknown';
    const received = outcome?.received ?? [];
    const failed = received.flatMap((event) => event.failed);
    if (outcome?.refused) {
      console.warn({ event: 'delivery_refused', source, reason: outcome.refused });
    }
    for (const { ignored } of received) {
      for (const reason of ignored) console.info({ event: 'event_ignored', source, ...reason });
    }
    for (const failure of failed) console.warn({ event: 'expression_failed', source, ...failure });

    const identity = { stack, source, requestId: awsRequestId };
    const results = resultsOf(outcome);
    for (const record of webhookRecords(identity, results, failed.length, Date.now())) {
      writeEmf(record);
    }
  };

  return {
    after: ({ context }) => tell(context),
    onError: (request) => {
      if (!(request.error instanceof InviteError)) {
        logUnexpected(request.error);
        request.error = unexpected();
      }
      logRefusal(request.error as InviteError);
      tell(request.context);
      return problemResponse(request.error as InviteError);
    },
  };
};

/** No outcome: an error, and the sender delivers again. */
const resultsOf = (outcome: Outcome | undefined): WebhookResult[] => {
  if (!outcome) return ['failed'];
  if (outcome.refused) return ['refused'];
  return (outcome.received ?? []).map(({ result }) => result);
};

const unexpected = () =>
  new InviteError('Defect', {
    code: 'unexpected',
    detail: "something failed that should not; the function's log says where",
  });
