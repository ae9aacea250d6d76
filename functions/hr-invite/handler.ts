import middy from '@middy/core';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readHrEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler, waitsForOperator } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { logBlocked, metrics, type ObservedContext } from '../telemetry/observation.ts';
import { createEventInvites } from '../wiring/event-invites.ts';
import { type EventResult, type EventTask, eventResult, parseEventTask } from './contract.ts';

type EventContext = ObservedContext & Validated<EventTask>;

const environment = readHrEnvironment(process.env);
const { make, follow, giveUp } = createEventInvites(environment);

/**
 * The first step of an event's workflow: from the record of an event to a queued request.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, EventResult, Error, EventContext>(nothingSent)
  .use(taskErrorHandler())
  .use(waitsForOperator())
  .use(metrics(environment))
  .use(validator(parseEventTask))
  .handler(async (_event, context) => {
    const { request, observation } = context;
    const { event, ended, givenUp } = request;
    const invocation = invocationOf(context, observation.observer);
    observation.inWorkflow();
    if (givenUp !== undefined) {
      const errorClass = await giveUp(event, givenUp, invocation);
      if (errorClass) observation.gaveUp(errorClass, event);
      else observation.ended('existing', event);
      return { event };
    }
    if (ended) {
      await follow(event, invocation);
      observation.ended('existing', event);
      return { event };
    }
    const made = await make(event, invocation);
    if ('blockedBy' in made && made.blockedBy) {
      observation.observer.blockedBy(made.blockedBy);
      logBlocked(event, made.blockedBy);
    }
    const { outcome, result } = eventResult(event, made);
    observation.ended(outcome, event);
    return result;
  });
