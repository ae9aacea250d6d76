import { identified, invalidFields, ownError } from '../errors/invite-error.ts';
import { type ChannelIds, underFirstId } from './channel-ids.ts';
import { type Caller, type Invite, inviteId } from './invite.ts';
import type { Abortable } from './invocation.ts';
import type { EnqueueResult, Ledger } from './ledger.ts';
import type { Admission } from './policy.ts';
import type { QueueKey } from './queue.ts';
import type { InviteRequest } from './request.ts';

/** The state machine that carries out the queued requests. */
export type Workflow = {
  /**
   * Starts the execution of a request. To start it twice is to start it once.
   * @returns whether it runs; `false`: it has run, and is over.
   * @throws InviteError `Unavailable` if nobody knows, `Defect` if there is no workflow.
   */
  start(queued: QueueKey, invocation: Abortable): Promise<boolean>;
  /** @returns whether its execution was started once, and is over. @throws InviteError */
  isOver(queued: QueueKey, invocation: Abortable): Promise<boolean>;
};

/** @param until when the wait counts as over, in epoch milliseconds; left out: in 7 days. */
export type Enqueue = (
  request: InviteRequest,
  caller: Caller,
  invocation: Abortable,
  until?: number,
) => Promise<EnqueueResult>;

export type InviteQueue = {
  /**
   * Puts a request into the queue and sees to it that the workflow is at work on it.
   * @returns the invite: `queued`, or as it is where nothing is to be sent.
   * @throws InviteError with the invite's id; sent again, nothing is queued twice.
   */
  queue(request: InviteRequest, caller: Caller, invocation: Abortable): Promise<Invite>;
  /**
   * Only puts it into the queue: the caller starts the workflow. Where it waits already and its
   * execution is over, it is put there anew. @throws InviteError
   */
  enqueue: Enqueue;
};

type Ports = {
  admission: Admission;
  ledger: Ledger;
  workflow: Workflow;
  /** Where the deployment follows the changes of channels' ids. */
  ids?: ChannelIds | undefined;
};

/** How often a request whose execution is over is put into the queue anew, within one call. */
const MAX_STARTS = 3;

/** Puts requests into the queue, for a caller who sees to it that a workflow carries them out. */
export const createEnqueue =
  ({ admission, ledger, ids }: Omit<Ports, 'workflow'>): Enqueue =>
  (request, caller, invocation, until) =>
    identified(inviteId(request), async () => {
      const act = async (resolved: InviteRequest): Promise<EnqueueResult> => {
        await admission.admit(resolved, caller.names, invocation);
        return ledger.enqueue(resolved, caller, invocation, until);
      };
      await ids?.renew(request.channel, invocation);
      return ids ? underFirstId(ids, request, invocation, act) : act(request);
    });

/** The domain behind the doors that do not wait for the outcome. */
export const createInviteQueue = ({ workflow, ...ports }: Ports): InviteQueue => {
  const { ledger } = ports;
  const enqueueChecked = createEnqueue(ports);
  const enqueue: Enqueue = async (request, caller, invocation) => {
    assertQueueable(request);
    return enqueueChecked(request, caller, invocation);
  };

  /**
   * The ledger decides what the end of an execution means: an outcome, upon which it decides about
   * the request once more, or an execution that was stopped, or ran out of time, and left it behind.
   */
  const requeue = async (
    queued: QueueKey,
    request: InviteRequest,
    caller: Caller,
    invocation: Abortable,
  ) => {
    const again = await ledger.enqueueAgain(queued, invocation);
    return again.queued ? again : enqueue(request, caller, invocation);
  };

  return {
    enqueue: (request, caller, invocation) =>
      identified(inviteId(request), async () => {
        const { queued, isNew, ...found } = await enqueue(request, caller, invocation);
        if (!queued) return found;
        // Step Functions describes 15 a second for the whole account.
        if (isNew) return { ...found, queued };
        const isOver = await workflow.isOver(queued, invocation);
        return isOver ? requeue(queued, request, caller, invocation) : { ...found, queued };
      }),
    queue: (request, caller, invocation) =>
      identified(inviteId(request), async () => {
        let { invite, queued } = await enqueue(request, caller, invocation);
        for (let round = 0; queued; round += 1) {
          if (await workflow.start(queued, invocation)) return invite;
          if (round === MAX_STARTS) throw ownError('workflow_ends_at_once');
          ({ invite, queued } = await requeue(queued, request, caller, invocation));
        }
        return invite;
      }),
  };
};

/** @throws InviteError `InvalidRequest` for a request whose answer has to be handed out. */
export const assertQueueable = ({ external_limited }: InviteRequest): void => {
  if (external_limited) return;
  throw invalidFields([
    {
      field: 'external_limited',
      detail:
        'must not be false for a queued request: url and conf_code are handed out once, in the answer, and nobody would get them',
    },
  ]);
};
