import middy from '@middy/core';
import { TASK } from '../invites/caller.ts';
import { invocationOf, mayHaveSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import { createInvites } from '../wiring/invites.ts';
import { enqueued, parseTask, type Task, type TaskResult, turnResult } from './contract.ts';

type TaskContext = ObservedContext & Validated<Task>;

const environment = readEnvironment(process.env);
const invites = await createInvites(environment);

const perform = async (_event: unknown, context: TaskContext): Promise<TaskResult> => {
  const { request: task, observation } = context;
  const invocation = invocationOf(context, observation.observer);
  switch (task.kind) {
    case 'send': {
      const { invite, outcome } = await invites.send(task.request, TASK, invocation);
      observation.ended(outcome, invite.id);
      return invite;
    }
    case 'enqueue': {
      const result = await invites.enqueue(task.request, TASK, invocation);
      observation.ended(result.queued ? 'queued' : 'existing', result.invite.id);
      return enqueued(result);
    }
    case 'turn': {
      observation.inWorkflow();
      const { queued, notBefore } = task;
      const { invite, outcome } = await invites.sendQueued(queued, notBefore, invocation);
      observation.ended(outcome, invite.id);
      return turnResult(invite, outcome);
    }
    case 'give-up': {
      const { id } = task.queued;
      const errorClass = await invites.giveUp(task.queued, task.error, invocation);
      if (errorClass) observation.gaveUp(errorClass, id);
      else observation.ended('existing', id);
      return { id };
    }
  }
};

/**
 * A task of any state machine, the workflow's own among them. Slack's `url` and `conf_code` never
 * get into a workflow's history.
 * @throws an error named after its class, its message the problem as one line of JSON.
 */
export const handler = middy<unknown, TaskResult, Error, TaskContext>(mayHaveSent)
  .use(taskErrorHandler())
  .use(metrics(environment, invites.tokenLife))
  .use(validator(parseTask))
  .handler(perform);
