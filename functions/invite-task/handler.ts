import middy from '@middy/core';
import { mayHaveSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { throwing } from '../lambda/task-error-handler.ts';
import { type RequestContext, validated } from '../lambda/validator.ts';
import { observed } from '../telemetry/metrics-middleware.ts';
import { createInvites } from '../wiring/invites.ts';
import { enqueued, parseTask, type Task, type TaskResult, turnResult } from './contract.ts';

const environment = readEnvironment(process.env);
const during = createInvites(environment);
const source = { door: environment.door };

const perform = async (_event: unknown, context: RequestContext<Task>): Promise<TaskResult> => {
  const { request: task, observation } = context;
  const invites = during(context, observation.observer);
  switch (task.kind) {
    case 'send': {
      const { invite, outcome } = await invites.send(task.request, source);
      observation.ended(outcome, invite.id);
      return invite;
    }
    case 'enqueue': {
      const result = await invites.enqueue(task.request, source);
      observation.ended(result.queued ? 'queued' : 'existing', result.invite.id);
      return enqueued(result);
    }
    case 'turn': {
      observation.inWorkflow();
      const { invite, outcome } = await invites.sendQueued(task.queued, task.notBefore);
      observation.ended(outcome, invite.id);
      return turnResult(invite, outcome);
    }
    case 'give-up': {
      const { id } = task.queued;
      const errorClass = await invites.giveUp(task.queued, task.error);
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
export const handler = middy<unknown, TaskResult, Error, RequestContext<Task>>(mayHaveSent)
  .use(throwing())
  .use(observed(environment))
  .use(validated(parseTask))
  .handler(perform);
