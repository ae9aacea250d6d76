import { invalidFields } from '../errors/invite-error.ts';
import type { Invite, Status } from '../invites/invite.ts';
import type { EnqueueResult } from '../invites/ledger.ts';
import type { QueueKey } from '../invites/queue.ts';
import { executionName, parseQueued } from '../invites/queue.ts';
import { type InviteRequest, isNothing, parseRequest, typeOf } from '../invites/request.ts';
import type { Outcome } from '../telemetry/observation.ts';

/** What a state machine may want of this task. */
export type Task =
  /** An invitation, now. */
  | { kind: 'send'; request: InviteRequest }
  /** An invitation that the caller starts the workflow for: `"queue": true` in the request. */
  | { kind: 'enqueue'; request: InviteRequest }
  /** The workflow's turn: `id` and `generation` of a queued request, and the time of its ticket. */
  | { kind: 'turn'; queued: QueueKey; notBefore: number }
  /** The workflow's end without an invitation: the same, and the name of the error. */
  | { kind: 'give-up'; queued: QueueKey; error: string };

/** @throws InviteError `InvalidRequest` */
export const parseTask = (event: unknown): Task => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { kind: 'send', request: parseRequest(event) };
  }
  // Many an event has an `id` of its own: a request is no turn for that.
  const isRequest = ['channel', 'emails', 'user_ids'].some((field) => field in event);
  if ('generation' in event || ('id' in event && !isRequest)) return parseTurn({ ...event });
  if (!('queue' in event)) return { kind: 'send', request: parseRequest(event) };
  const { queue, ...request } = event;
  if (!isNothing(queue) && typeof queue !== 'boolean') {
    throw invalidFields([
      { field: 'queue', detail: `must be true or false, or left out for false; ${typeOf(queue)}` },
    ]);
  }
  return { kind: queue === true ? 'enqueue' : 'send', request: parseRequest(request) };
};

const parseTurn = (event: Record<string, unknown>): Task => {
  const { give_up: error, not_before: ticket, ...reference } = event;
  const queued = parseQueued(reference);
  if (typeof error === 'string') return { kind: 'give-up', queued, error };
  if (error !== undefined) {
    throw invalidFields([{ field: 'give_up', detail: 'must be the name of an error' }]);
  }
  const notBefore = typeof ticket === 'string' ? Date.parse(ticket) : Number.NaN;
  if (Number.isNaN(notBefore)) {
    throw invalidFields([{ field: 'not_before', detail: 'must be the time of the ticket' }]);
  }
  return { kind: 'turn', queued, notBefore };
};

/** What the task answers; a turn that was given up, with the id only. */
export type TaskResult = Invite | ExecutionToStart | TurnResult | { id: string };

/** What a turn of the workflow came to. It stands in the history, so no address is in it. */
type TurnResult = {
  id: string;
  status: Status;
  outcome: Outcome;
  attempts: number;
  slack?: Invite['slack'];
};

export const turnResult = (
  { id, status, attempts, slack }: Invite,
  outcome: Outcome,
): TurnResult => ({
  id,
  status,
  outcome,
  attempts,
  ...(slack && { slack }),
});

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
