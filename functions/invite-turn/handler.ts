import middy from '@middy/core';
import {
  parseTurnTask,
  type TurnResult,
  type TurnTask,
  turnResult,
} from '../invites/send-queued.ts';
import { invocationOf, mayHaveSent } from '../lambda/deadline.ts';
import { readSenderEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import { createTurns } from '../wiring/invites.ts';

type StepContext = ObservedContext & Validated<TurnTask>;

const environment = readSenderEnvironment(process.env);
const { send, giveUp, token } = await createTurns(environment);

const perform = async (_event: unknown, context: StepContext): Promise<TurnResult> => {
  const { request: step, observation } = context;
  const invocation = invocationOf(context, observation.observer);
  const { queued } = step;
  if (step.kind === 'turn') {
    observation.inWorkflow();
    const { invite, outcome } = await send(queued, step.notBefore, invocation);
    observation.ended(outcome, invite);
    return turnResult(invite, outcome);
  }
  const errorClass = await giveUp(queued, step.error, invocation);
  if (errorClass) observation.gaveUp(errorClass, queued.id);
  else observation.ended('existing', queued);
  return { id: queued.id };
};

/**
 * The workflow's own steps: a queued request's turn, and its end without an invitation. Only the roles
 * of the state machines may call it, so nobody ends or hurries the request of somebody else.
 * @throws an error named after its class, its message the problem as one line of JSON.
 */
export const handler = middy<unknown, TurnResult, Error, StepContext>(mayHaveSent)
  .use(taskErrorHandler())
  .use(metrics(environment, token))
  .use(validator(parseTurnTask))
  .handler(perform);
