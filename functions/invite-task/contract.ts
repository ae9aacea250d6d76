import { invalidFields } from '../errors/invite-error.ts';
import type { Invite, Status } from '../invites/invite.ts';
import type { EnqueueResult } from '../invites/ledger.ts';
import { executionName, type QueueKey } from '../invites/queue.ts';
import { type InviteRequest, isNothing, parseRequest, typeOf } from '../invites/request.ts';

/** What a state machine may want of this task. */
export type Task =
  /** An invitation, now. */
  | { kind: 'send'; request: InviteRequest }
  /** An invitation that the caller starts the workflow for: `"queue": true` in the request. */
  | { kind: 'enqueue'; request: InviteRequest };

/** @throws InviteError `InvalidRequest` */
export const parseTask = (event: unknown): Task => {
  const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
  if (!isObject || !('queue' in event)) return { kind: 'send', request: parseRequest(event) };
  const { queue, ...request } = event;
  if (!isNothing(queue) && typeof queue !== 'boolean') {
    throw invalidFields([
      { field: 'queue', detail: `must be true or false, or left out for false; ${typeOf(queue)}` },
    ]);
  }
  return { kind: queue === true ? 'enqueue' : 'send', request: parseRequest(request) };
};

/** What the task answers. */
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
  ...(queued && { execution: { name: executionName(queued), input: queued } }),
});
