import { InviteError, identified, invalidFields } from '../errors/invite-error.ts';
import { type Invite, inviteId, type Source } from './invite.ts';
import type { EnqueueResult, Ledger } from './ledger.ts';
import { enforcePolicy, type Policy } from './policy.ts';
import type { QueueKey } from './queue.ts';
import type { InviteRequest } from './request.ts';

/** What carries out the asks in the queue. */
export type Workflow = {
  /**
   * Starts the execution of an ask. To start it twice is to start it once.
   * @returns whether it runs; `false`: it has run, and is over.
   * @throws InviteError `SlackUnavailable` if nobody knows, `Defect` if there is no workflow.
   */
  start(queued: QueueKey): Promise<boolean>;
  /** @returns whether its execution was started once, and is over. @throws InviteError */
  isOver(queued: QueueKey): Promise<boolean>;
};

export type InviteQueue = {
  /**
   * Puts an ask into the queue and sees to it that the workflow is at work on it.
   * @returns the invite: `queued`, or as it is where nothing is to be sent.
   * @throws InviteError with the invite's id; asked again, nothing is queued twice.
   */
  queue(request: InviteRequest, source: Source): Promise<Invite>;
  /**
   * Only puts it into the queue: whoever asked starts the workflow. Where it waits already and its
   * execution is over, it is put there anew. @throws InviteError
   */
  enqueue(request: InviteRequest, source: Source): Promise<EnqueueResult>;
};

type Ports = { policy: Policy; ledger: Ledger; workflow: Workflow };

/** How often an ask whose execution is over is put into the queue anew, within one call. */
const MAX_STARTS = 3;

/** Puts asks into the queue, for a caller who sees to it that a workflow carries them out. */
export const createEnqueue =
  ({ policy, ledger }: Pick<Ports, 'policy' | 'ledger'>): InviteQueue['enqueue'] =>
  (request, source) =>
    identified(inviteId(request), async () => {
      enforcePolicy(policy, request);
      return ledger.enqueue(request, source);
    });

/** The domain behind the doors that do not wait for the outcome. */
export const createInviteQueue = ({ policy, ledger, workflow }: Ports): InviteQueue => {
  const enqueueUnchecked = createEnqueue({ policy, ledger });
  const enqueue: InviteQueue['enqueue'] = async (request, source) => {
    if (!request.external_limited) throw nobodyToTell();
    return enqueueUnchecked(request, source);
  };

  /**
   * The ledger decides what the end of an execution means: an outcome, upon which it decides about
   * the ask once more, or an execution that was aborted, or ran out of time, and left the ask behind.
   */
  const requeue = async (queued: QueueKey, request: InviteRequest, source: Source) => {
    const again = await ledger.enqueueAgain(queued);
    return again.queued ? again : enqueue(request, source);
  };

  return {
    enqueue: (request, source) =>
      identified(inviteId(request), async () => {
        const { queued, ...asked } = await enqueue(request, source);
        if (!queued) return asked;
        const isOver = await workflow.isOver(queued);
        return isOver ? requeue(queued, request, source) : { ...asked, queued };
      }),
    queue: (request, source) =>
      identified(inviteId(request), async () => {
        let { invite, queued } = await enqueue(request, source);
        for (let round = 0; queued; round += 1) {
          if (await workflow.start(queued)) return invite;
          if (round === MAX_STARTS) throw alwaysOver();
          ({ invite, queued } = await requeue(queued, request, source));
        }
        return invite;
      }),
  };
};

const nobodyToTell = () =>
  invalidFields([
    {
      field: 'external_limited',
      detail:
        'must not be false for an ask that waits in the queue: its url and conf_code are handed out once, in the answer, and nobody would get them',
    },
  ]);

const alwaysOver = () =>
  new InviteError('SlackUnavailable', {
    code: 'workflow_unavailable',
    detail:
      'the executions of the workflow end at once, and nothing was sent; ask again after retry_after seconds',
    retryAfter: 30,
  });
