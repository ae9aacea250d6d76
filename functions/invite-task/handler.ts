import middy from '@middy/core';
import type { Invite } from '../invites/invite.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { createInvites } from '../runtime/invites.ts';
import { observed } from '../runtime/observed.ts';
import { throwing } from '../runtime/throwing.ts';
import { sendingInTime } from '../runtime/timed.ts';
import { type RequestContext, validated } from '../runtime/validated.ts';
import { parseTask, type Task } from './input.ts';
import { enqueued, type QueuedInvite, type TurnResult, turnResult } from './output.ts';

const environment = readEnvironment(process.env);
const invites = createInvites(environment);
const source = { door: environment.door };

const carryOut = async (
  _event: unknown,
  context: RequestContext<Task>,
): Promise<Invite | QueuedInvite | TurnResult | { id: string }> => {
  const { request: task, observation } = context;
  const { observer } = observation;
  switch (task.kind) {
    case 'send': {
      const sent = await invites.send(task.request, source, context, observer);
      if (sent.invite.status !== 'queued') {
        observation.ended(sent.outcome, sent.invite.id);
        return sent.invite;
      }
      const invite = await invites.queueing(context).queue(task.request, source);
      observation.ended(invite.status === 'queued' ? 'queued' : 'existing', invite.id);
      return invite;
    }
    case 'enqueue': {
      const result = await invites.queueing(context).enqueue(task.request, source);
      observation.ended(result.queued ? 'queued' : 'existing', result.invite.id);
      return enqueued(result);
    }
    case 'turn': {
      observation.inWorkflow();
      const turns = invites.turns(context, observer);
      const { invite, outcome } = await turns.send(task.queued, task.notBefore);
      observation.ended(outcome, invite.id);
      return turnResult(invite, outcome);
    }
    case 'give-up': {
      const { id } = task.queued;
      const errorClass = await invites.turns(context, observer).giveUp(task.queued, task.error);
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
export const handler = middy<
  unknown,
  Invite | QueuedInvite | TurnResult | { id: string },
  Error,
  RequestContext<Task>
>(sendingInTime)
  .use(throwing())
  .use(observed(environment))
  .use(validated(parseTask))
  .handler(carryOut);
