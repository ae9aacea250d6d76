import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { type Reason, reasonOf } from '../errors/invite-error.ts';
import { type HttpResponse, plainErrorResponse } from '../lambda/http-error-handler.ts';
import type { SlackEventResult } from '../lifecycle/door.ts';
import { codeLabel, emfRecord, type FunctionIdentity, writeEmf } from '../telemetry/metrics.ts';
import { foreseen } from '../telemetry/observation.ts';

/** Lambda's context with what there is to tell of the event. */
export type EventContext = Context & { result?: SlackEventResult };

/** What an event came to, in the metrics. */
type Told = { type: string; result: string };

/**
 * Metrics, logs and the answer to an error, once an event. Nothing of the event itself is told but its
 * type, where it is a known one, and the ids of a channel that got another one.
 */
export const eventMetrics = (
  identity: FunctionIdentity,
): MiddlewareObj<unknown, HttpResponse, Error, EventContext> => {
  const { stack, functionName } = identity;

  const write = (requestId: string, told: Told, error?: Reason) => {
    const facts = error && { class: error.class, code: codeLabel(error.code) };
    const groups: Parameters<typeof emfRecord>[0] = [
      {
        dimensions: [
          ['stack', 'type', 'result'],
          ['stack', 'result'],
        ],
        metrics: [['SlackEvents', 'Count', 1]],
      },
      {
        dimensions: [
          ['stack', 'function', 'class'],
          ['stack', 'class'],
          ['stack', 'code'],
        ],
        metrics: [['Errors', 'Count', error ? 1 : 0]],
      },
    ];
    const properties = { stack, function: functionName, requestId, ...told, ...facts };
    writeEmf(emfRecord(groups, properties, Date.now()));
  };

  return {
    after({ context }) {
      const { result } = context;
      if (!result) return;
      log(result);
      write(context.awsRequestId, toldOf(result));
    },
    onError({ error, context }) {
      const failure = foreseen(error);
      const { name, facts } = failure;
      const { code, detail, retryAfter } = facts;
      console.error({
        event: 'slack_event_failed',
        class: name,
        code,
        detail,
        retry_after: retryAfter,
      });
      write(context.awsRequestId, { type: 'unknown', result: 'failed' }, reasonOf(failure));
      return plainErrorResponse(failure);
    },
  };
};

const toldOf = (result: SlackEventResult): Told => {
  if ('refused' in result) return { type: 'unknown', result: 'refused' };
  if ('challenge' in result) return { type: 'url_verification', result: 'answered' };
  if ('ignored' in result) return { type: result.ignored, result: 'ignored' };
  return { type: result.event.type, result: result.followed };
};

/** What an operator has to know of; the rest is in the metrics. */
const log = (result: SlackEventResult): void => {
  if ('refused' in result) {
    console.warn({ event: 'slack_event_refused', reason: result.refused });
    return;
  }
  if (!('event' in result)) return;
  const { event } = result;
  if (event.type === 'channel_id_changed') {
    const { before, channel: after } = event;
    const remedy = `Write ${after} for ${before} in slackConnectInvites.channels`;
    console.error({ event: 'channel_id_changed', before, after, remedy });
  }
  if (event.type === 'tokens_revoked' || event.type === 'app_uninstalled') {
    console.error({ event: 'slack_app_disconnected', type: event.type });
  }
};
