import type { Invite, Status } from '../invites/invite.ts';
import type { EnqueueResult } from '../invites/ledger.ts';
import type { QueueKey } from '../invites/queue.ts';
import type { Outcome } from '../runtime/observation.ts';
import { executionName } from '../runtime/workflow.ts';

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

/** An ask that waits for an execution, and what to start it with; or, with another status, needs none. */
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
