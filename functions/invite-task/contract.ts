import { invalidFields } from '../errors/invite-error.ts';
import type { Invite, Status } from '../invites/invite.ts';
import type { EnqueueResult } from '../invites/ledger.ts';
import { inviteExecutionName, type QueueKey } from '../invites/queue.ts';
import { type InviteRequest, isNothing, parseRequest, typeOf } from '../invites/request.ts';
import { WAIT_FOR, type Wait } from '../lifecycle/waits.ts';

/** What a state machine may want of this task. */
export type Task =
  /** An invitation, now. */
  | { kind: 'send'; request: InviteRequest }
  /** An invitation that the caller starts the workflow for: `"queue": true` in the request. */
  | { kind: 'enqueue'; request: InviteRequest }
  /** An invitation of which the state machine hears later: `wait_for` and `task_token`. */
  | { kind: 'wait'; request: InviteRequest; wait: Wait };

/** @throws InviteError `InvalidRequest` */
export const parseTask = (event: unknown): Task => {
  const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
  if (isObject && ('wait_for' in event || 'task_token' in event)) return parseWait({ ...event });
  if (!isObject || !('queue' in event)) return { kind: 'send', request: parseRequest(event) };
  const { queue, ...request } = event;
  if (!isNothing(queue) && typeof queue !== 'boolean') {
    throw invalidFields([
      { field: 'queue', detail: `must be true or false, or left out for false; ${typeOf(queue)}` },
    ]);
  }
  return { kind: queue === true ? 'enqueue' : 'send', request: parseRequest(request) };
};

const parseWait = ({ wait_for, task_token, ...request }: Record<string, unknown>): Task => {
  const waitFor = WAIT_FOR.find((one) => one === wait_for);
  const isToken = typeof task_token === 'string' && /^[\x21-\x7e]{1,2048}$/.test(task_token);
  if (waitFor && isToken && !('queue' in request)) {
    return { kind: 'wait', request: parseRequest(request), wait: { waitFor, token: task_token } };
  }
  throw invalidFields([
    ...(waitFor ? [] : [{ field: 'wait_for', detail: `must be ${WAIT_FOR.join(', ')}` }]),
    ...(isToken
      ? []
      : [
          {
            field: 'task_token',
            detail: 'must be {% $states.context.Task.Token %}, with wait_for',
          },
        ]),
    ...('queue' in request
      ? [{ field: 'queue', detail: 'must be left out: what cannot be sent at once waits anyway' }]
      : []),
  ]);
};

/** What the task answers; to one that waits, only that it does. */
export type TaskResult = Invite | ExecutionToStart;

/** A queued request, and the execution to start for it; with another status it needs none. */
type ExecutionToStart = {
  id: string;
  status: Status;
  execution?: { name: string; input: QueueKey };
};

export const enqueued = ({ invite, queued }: EnqueueResult): ExecutionToStart => ({
  id: invite.id,
  status: invite.status,
  ...(queued && { execution: { name: inviteExecutionName(queued), input: queued } }),
});
