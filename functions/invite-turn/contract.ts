import { invalidFields } from '../errors/invite-error.ts';
import type { Invite, Status } from '../invites/invite.ts';
import { parseQueued, type QueueKey } from '../invites/queue.ts';
import type { Outcome } from '../telemetry/metrics.ts';

/** What the workflow wants of a queued request. */
export type Step =
  /** Its turn, with the time of its ticket in epoch milliseconds. */
  | { kind: 'turn'; queued: QueueKey; notBefore: number }
  /** Its end without an invitation, with the name of the error. */
  | { kind: 'give-up'; queued: QueueKey; error: string };

/**
 * @param event `id` and `generation`, and `not_before` or `give_up`.
 * @throws InviteError `InvalidRequest`
 */
export const parseStep = (event: unknown): Step => {
  const { give_up: error, not_before: ticket, ...reference } = { ...(event as object) } as Fields;
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

type Fields = Record<string, unknown>;

/** What a turn came to; what was given up has the id only. It stands in the history: no address is in it. */
export type StepResult =
  | {
      id: string;
      status: Status;
      outcome: Outcome;
      attempts: number;
      slack?: Invite['slack'];
    }
  | { id: string };

export const turnResult = (
  { id, status, attempts, slack }: Invite,
  outcome: Outcome,
): StepResult => ({
  id,
  status,
  outcome,
  attempts,
  ...(slack && { slack }),
});
