import middy from '@middy/core';
import { nothingSent } from '../lambda/deadline.ts';
import { readHrEnvironment } from '../lambda/environment.ts';
import { throwing } from '../lambda/task-error-handler.ts';
import { type RequestContext, validated } from '../lambda/validator.ts';
import { observed } from '../telemetry/metrics-middleware.ts';
import { createEventInvites } from '../wiring/webhooks.ts';
import { type EventResult, type EventTask, eventResult, parseEventTask } from './contract.ts';

const environment = readHrEnvironment(process.env);
const invites = createEventInvites(environment);

/**
 * The first step of an event's workflow: from the record of an event to an ask in the queue.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, EventResult, Error, RequestContext<EventTask>>(nothingSent)
  .use(throwing())
  .use(observed(environment))
  .use(validated(parseEventTask))
  .handler(async (_event, context) => {
    const { request, observation } = context;
    const { event, givenUp } = request;
    const { make, giveUp } = invites(context);
    observation.inWorkflow();
    if (givenUp !== undefined) {
      const errorClass = await giveUp(event, givenUp);
      if (errorClass) observation.gaveUp(errorClass, event);
      else observation.ended('existing', event);
      return { event };
    }
    const { outcome, result } = eventResult(event, await make(event));
    observation.ended(outcome, event);
    return result;
  });
