import middy from '@middy/core';
import { TASK } from '../invites/caller.ts';
import { invocationOf, mayHaveSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import { createInvites } from '../wiring/invites.ts';
import { enqueued, parseTask, type Task, type TaskResult } from './contract.ts';

type TaskContext = ObservedContext & Validated<Task>;

const environment = readEnvironment(process.env);
const invites = await createInvites(environment);

const perform = async (_event: unknown, context: TaskContext): Promise<TaskResult> => {
  const { request: task, observation } = context;
  const invocation = invocationOf(context, observation.observer);
  if (task.kind === 'send') {
    const { invite, outcome } = await invites.send(task.request, TASK, invocation);
    observation.ended(outcome, invite.id);
    return invite;
  }
  const result = await invites.enqueue(task.request, TASK, invocation);
  observation.ended(result.queued ? 'queued' : 'existing', result.invite.id);
  return enqueued(result);
};

/**
 * A task of any state machine. Slack's `url` and `conf_code` never get into a workflow's history.
 * @throws an error named after its class, its message the problem as one line of JSON.
 */
export const handler = middy<unknown, TaskResult, Error, TaskContext>(mayHaveSent)
  .use(taskErrorHandler())
  .use(metrics(environment, invites.token))
  .use(validator(parseTask))
  .handler(perform);
