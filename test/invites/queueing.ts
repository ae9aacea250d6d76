import { vi } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import { createInviteQueue, type Workflow } from '../../functions/invites/enqueue.ts';
import { executionName, type QueueKey } from '../../functions/invites/queue.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { createSendQueued } from '../../functions/invites/send-queued.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { DOOR } from '../support/requests.ts';
import { createSending, OPEN, refusedWith } from './sending.ts';

/** What a start ends with: nobody knows whether it did, or there is nothing to start. */
export const workflowAway = () => ownError('workflow_unavailable', { reason: 'Error' });
export const workflowGone = () => ownError('workflow_misconfigured', { reason: 'Error' });

/** Step Functions, as far as it matters here: a name is used once, and runs until its end. */
export const createExecutions = () => {
  const states = new Map<string, 'running' | 'over'>();
  return {
    names: () => [...states.keys()],
    isRunning: (queued: QueueKey) => states.get(executionName(queued)) === 'running',
    isOver: async (queued: QueueKey) => states.get(executionName(queued)) === 'over',
    end: (queued: QueueKey) => void states.set(executionName(queued), 'over'),
    async start(queued: QueueKey): Promise<boolean> {
      const name = executionName(queued);
      if (!states.has(name)) states.set(name, 'running');
      return states.get(name) === 'running';
    },
  };
};

/** The domain of {@link createSending} with its queue; the workflow does what the test says. */
export const createQueueing = (setting: Parameters<typeof createSending>[0]) => {
  const sending = createSending(setting);
  const { clock, observe, ports } = sending;
  const executions = createExecutions();
  const start = vi.fn<Workflow['start']>(executions.start);
  let policy = setting.policy ?? OPEN;

  const lasting = (timeMs: number) =>
    invocation({
      deadline: clock.now() + timeMs,
      leaseUntil: clock.now() + timeMs + 7000,
      observe,
    });
  const queueInvite = () =>
    createInviteQueue({ ...ports, policy, workflow: { start, isOver: executions.isOver } });
  const sendQueued = () =>
    createSendQueued({
      ...ports,
      policy,
      nextPlace: async () => clock.now(),
      sleep: clock.sleep,
    });

  return {
    ...sending,
    executions,
    start,
    /** Another deployment: what comes from now on is held against this. */
    enforce: (next: typeof policy) => {
      policy = next;
    },
    /** Asks without waiting for the outcome. */
    queue: (request: InviteRequest) => queueInvite().queue(request, DOOR, INVOCATION),
    /** Puts an ask into the queue. @returns the reference that an execution gets. */
    async enqueue(request: InviteRequest): Promise<QueueKey> {
      const { queued } = await queueInvite().enqueue(request, DOOR, INVOCATION);
      if (!queued) throw new Error('the ask does not wait');
      return queued;
    },
    /** @param notBefore the time of its ticket; left out: it has just come. */
    async turn(queued: QueueKey, notBefore = clock.now()) {
      const [sent] = await clock.run([() => sendQueued().send(queued, notBefore, lasting(18_000))]);
      if (!sent) throw new Error('a turn ends with an invite or an error');
      return sent;
    },
    giveUp: (queued: QueueKey, error: string) =>
      sendQueued().giveUp(queued, error, lasting(18_000)),
  };
};

/** What ends an ask that waits for good, and how it comes about. */
export const FINAL_REFUSALS: [
  code: string,
  errorClass: string,
  befall: (world: Pick<ReturnType<typeof createSending>, 'inviteShared' | 'readSecret'>) => void,
][] = [
  [
    'restricted_action',
    'SlackRefused',
    ({ inviteShared }) => inviteShared.mockResolvedValueOnce(refusedWith('restricted_action')),
  ],
  ['no_token', 'SlackCredentials', ({ readSecret }) => readSecret.mockResolvedValueOnce('')],
  [
    'unexpected',
    'Defect',
    ({ readSecret }) => readSecret.mockRejectedValueOnce(new TypeError('a defect')),
  ],
];
