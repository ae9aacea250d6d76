import { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import { CLOSED_GATE, OPEN_GATE, refusedWith, workflowAway } from '../support/fakes.ts';
import { Death, type Faults, told } from '../support/faults.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { RESULTS, type SlackCall } from '../support/slack-calls.ts';
import { createWorld, LEASE_MS, type Misfortunes } from '../support/world.ts';

/** What can befall the start of an execution, as a fault an access to the table. */
export const START_FAULTS = ['lost', 'failed', 'dies before', 'dies after'] as const;
type StartFault = (typeof START_FAULTS)[number];

/** One function, invoked once. */
export type Plan = {
  resend?: number | undefined;
  /** What Slack answers; `none`: the function dies while it waits. */
  answer?: SlackCall['answer'];
  /** What passes: the gate is closed, or Slack is away, whatever it would answer. */
  away?: 'gate' | 'slack' | undefined;
  faults?: Faults;
  start?: StartFault | undefined;
};

/**
 * One person, the doors that invite them, and the workflow. Each function has its own misfortunes;
 * the table, Slack and the executions are everybody's.
 */
export const createQueueWorld = (
  setting: Parameters<typeof createWorld>[0],
  shared: Pick<Misfortunes, 'later' | 'scheduled'>,
) => {
  const { clock, executions, invoke, read } = createWorld(setting);
  const person = newRequest();
  const calls: SlackCall[] = [];
  const started: QueueKey[] = [];

  const start = async (queued: QueueKey, fault: StartFault | undefined): Promise<boolean> => {
    if (fault === 'dies before') throw new Death();
    if (fault === 'failed') throw workflowAway();
    if (!started.some(({ generation }) => generation === queued.generation)) started.push(queued);
    const runs = await executions.start(queued);
    if (fault === 'dies after') throw new Death();
    if (fault === 'lost') throw workflowAway();
    return runs;
  };

  /** @returns a function, and the calls that it makes. */
  const invoked = ({ resend, faults = {}, start: startFault, away, ...plan }: Plan) => {
    const answer = away === 'slack' ? 'nothing' : (plan.answer ?? 'sent');
    const own: SlackCall[] = [];
    let carriedOut = resend;
    const invoked = invoke({
      ...shared,
      faults,
      gate: away === 'gate' ? CLOSED_GATE : OPEN_GATE,
      start: (queued) => start(queued, startFault),
      async inviteShared() {
        const call = { at: clock.now(), resend: carriedOut, answer };
        own.push(call);
        calls.push(call);
        if (answer === 'none') throw new Death();
        return away === 'slack' ? refusedWith('service_unavailable') : RESULTS[answer];
      },
      watched: (ledger) => ({
        ...ledger,
        async claimTurn(queued, its) {
          const turn = await ledger.claimTurn(queued, its);
          if ('waiting' in turn) carriedOut = turn.waiting.queue.resend;
          return turn;
        },
      }),
    });
    return { own, request: { ...person, ...(resend !== undefined && { resend }) }, ...invoked };
  };

  const queue = (plan: Plan) => {
    const { request, inviteQueue, invocation, ...its } = invoked(plan);
    return told(inviteQueue.queue(request, CALLER, invocation), its);
  };

  const turn = async (queued: QueueKey, plan: Plan = {}) => {
    const { own, sendQueued, invocation, ...its } = invoked(plan);
    return { end: await told(sendQueued.send(queued, clock.now(), invocation), its), own };
  };

  return {
    id: inviteId(person),
    calls,
    executions,
    /** Every request that an execution was started for. */
    started,
    now: clock.now,
    pass: clock.advance,
    read: () => read(person),
    queue,
    turn,

    /** Waits for the outcome. */
    async send(plan: Plan) {
      const { own, request, send, invocation, ...its } = invoked(plan);
      return { end: await told(send(request, CALLER, invocation), its), own };
    },

    giveUp(queued: QueueKey, plan: Plan = {}) {
      const { sendQueued, invocation, ...its } = invoked(plan);
      return told(sendQueued.giveUp(queued, 'Lambda.Unknown', invocation), its);
    },

    /** Runs every execution to its end: again what can be tried again, and what died. */
    async carryOut(plans: Plan[] = []) {
      for (const queued of started) {
        while (executions.isRunning(queued)) {
          const { end } = await turn(queued, plans.shift());
          if (end && !(end instanceof InviteError && end.retryable)) executions.end(queued);
          else clock.advance(LEASE_MS);
        }
      }
    },
  };
};

export type QueueWorld = ReturnType<typeof createQueueWorld>;
