import { invalidFields } from '../invites/field-errors.ts';
import { parseQueued } from '../invites/parse-queued.ts';
import type { QueueKey } from '../invites/queue.ts';
import { type InviteRequest, parseRequest } from '../invites/request.ts';

/** What a state machine may want of this task. */
export type Task =
  /** An invitation, now. */
  | { kind: 'send'; request: InviteRequest }
  /** An invitation that the caller starts the workflow for: `"queue": true` beside the ask. */
  | { kind: 'enqueue'; request: InviteRequest }
  /** The workflow's turn: `id` and `generation` of an ask in the queue, and the time of its ticket. */
  | { kind: 'turn'; queued: QueueKey; notBefore: number }
  /** The workflow's end without an invitation: the same, and the name of the error. */
  | { kind: 'give-up'; queued: QueueKey; error: string };

/** @throws InviteError `InvalidRequest` */
export const parseTask = (event: unknown): Task => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { kind: 'send', request: parseRequest(event) };
  }
  if ('generation' in event || 'id' in event) return parseTurn({ ...event });
  if (!('queue' in event)) return { kind: 'send', request: parseRequest(event) };
  const { queue, ...ask } = event;
  if (typeof queue !== 'boolean') {
    throw invalidFields([
      { field: 'queue', detail: 'must be true or false, or left out for false' },
    ]);
  }
  return { kind: queue ? 'enqueue' : 'send', request: parseRequest(ask) };
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
