import middy from '@middy/core';
import { awsClient } from '../aws/client.ts';
import { taskTokens } from '../aws/executions.ts';
import { waitTable } from '../aws/lifecycle-table.ts';
import { InviteError, invalidFields } from '../errors/invite-error.ts';
import { TASK } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import type { InviteRequest } from '../invites/request.ts';
import { invocationOf, mayHaveSent } from '../lambda/deadline.ts';
import { readEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { createWaits } from '../lifecycle/waits.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';
import { createInvites } from '../wiring/invites.ts';
import { enqueued, parseTask, type Task, type TaskResult } from './contract.ts';

type TaskContext = ObservedContext & Validated<Task>;

const environment = readEnvironment(process.env);
const invites = await createInvites(environment);
const { tableName, config } = environment;
const table = { client: awsClient('dynamodb'), name: tableName };
const waits =
  config.lifecycle?.waits &&
  createWaits({
    waits: waitTable(table, config.retentionDays),
    tasks: taskTokens(),
    readInvite: invites.read,
  });

const NO_WAITS = 'needs lifecycle.waitingStateMachines in the configuration of this deployment';

/** Now, or else in the queue. */
const sendOrQueue = async (request: InviteRequest, invocation: Invocation) => {
  try {
    return await invites.send(request, TASK, invocation);
  } catch (error) {
    const canWait = error instanceof InviteError && error.retryable && request.external_limited;
    if (!canWait || error.name === 'InProgress') throw error;
    return invites.queue(request, TASK, invocation);
  }
};

const perform = async (_event: unknown, context: TaskContext): Promise<TaskResult> => {
  const { request: task, observation } = context;
  const invocation = invocationOf(context, observation.observer);
  if (task.kind === 'send') {
    const { invite, outcome } = await invites.send(task.request, TASK, invocation);
    observation.ended(outcome, invite);
    return invite;
  }
  if (task.kind === 'wait') {
    if (!waits) throw invalidFields([{ field: 'wait_for', detail: NO_WAITS }]);
    await waits.assertToken(task.wait.token, invocation);
    const { invite, outcome } = await sendOrQueue(task.request, invocation);
    observation.ended(outcome, invite);
    await waits.add(invite.id, task.wait, invocation);
    return { id: invite.id, status: invite.status };
  }
  const result = await invites.enqueue(task.request, TASK, invocation);
  observation.ended(result.queued ? 'queued' : 'existing', result.invite);
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
