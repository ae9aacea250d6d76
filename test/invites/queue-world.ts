import { InviteError, ownError } from '../../functions/errors/invite-error.ts';
import { createInviteQueue } from '../../functions/invites/enqueue.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import type { LedgerStore } from '../../functions/invites/ledger-store.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import { createSendInvite } from '../../functions/invites/send.ts';
import { createSendQueued } from '../../functions/invites/send-queued.ts';
import { Death, type Fault, faultyStore } from '../support/faults.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { DOOR, newRequest } from '../support/requests.ts';
import { RESULTS, type SlackCall } from '../support/slack-calls.ts';
import { createExecutions, workflowAway } from './queueing.ts';
import { GOOD_CREDENTIALS, OPEN, OPEN_GATE, observer, refusedWith } from './sending.ts';

export const LEASE_MS = 25_000;
const BUDGET_MS = 18_000;

/** What can befall the start of an execution, as {@link Fault} an access to the table. */
export const START_FAULTS = ['lost', 'failed', 'dies before', 'dies after'] as const;
type StartFault = (typeof START_FAULTS)[number];

/** One function, invoked once. */
export type Plan = {
  resend?: number | undefined;
  /** What Slack answers; `none`: the function dies while it waits. */
  answer?: SlackCall['answer'];
  /** What passes: the gate is closed, or Slack is away, whatever it would answer. */
  away?: 'gate' | 'slack' | undefined;
  faults?: Partial<Record<number, Fault>>;
  start?: StartFault | undefined;
};

const CLOSED_GATE: typeof OPEN_GATE = {
  ...OPEN_GATE,
  pass: async () => {
    throw ownError('gate_closed', {}, { retryAfter: 1 });
  },
};

type Act = <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) => typeof act;

/**
 * One person, the doors at which they are asked for, and the workflow. Each function has its own
 * misfortunes; the table, Slack and the executions are everybody's.
 * @param later has something done when nobody waits for it any more.
 * @param scheduled has somebody else decide when an access is done.
 */
export const createQueueWorld = (
  table: LedgerStore,
  later: (act: () => Promise<unknown>) => void,
  scheduled: Act = (act) => act,
) => {
  const person = newRequest();
  const id = inviteId(person);
  const calls: SlackCall[] = [];
  const executions = createExecutions();
  const started: QueueKey[] = [];
  let now = Date.parse('2030-01-01T00:00:00Z');
  const clock = () => now;

  const start = async (queued: QueueKey, fault: StartFault | undefined): Promise<boolean> => {
    if (fault === 'dies before') throw new Death();
    if (fault === 'failed') throw workflowAway();
    if (!started.some(({ generation }) => generation === queued.generation)) started.push(queued);
    const runs = await executions.start(queued);
    if (fault === 'dies after') throw new Death();
    if (fault === 'lost') throw workflowAway();
    return runs;
  };

  /** @returns what a function works with, and the calls that it makes. */
  const invoked = ({ resend, faults = {}, start: startFault, away, ...plan }: Plan) => {
    const answer = away === 'slack' ? 'nothing' : (plan.answer ?? 'sent');
    const own: SlackCall[] = [];
    const request = { ...person, ...(resend !== undefined && { resend }) };
    let asked = resend;
    const inviteShared = scheduled(async () => {
      const call = { at: now, resend: asked, answer };
      own.push(call);
      calls.push(call);
      if (answer === 'none') throw new Death();
      return away === 'slack' ? refusedWith('service_unavailable') : RESULTS[answer];
    });
    const { read, write, remove, isDead } = faultyStore(table, faults, later);
    const store = { read: scheduled(read), write: scheduled(write), remove: scheduled(remove) };
    const ledger = createLedger(store, 400, clock);
    const claimTurn: typeof ledger.claimTurn = async (queued, its) => {
      const turn = await ledger.claimTurn(queued, its);
      if ('waiting' in turn) asked = turn.waiting.queue.resend;
      return turn;
    };
    const ports = {
      policy: OPEN,
      ledger: { ...ledger, claimTurn },
      gate: away === 'gate' ? CLOSED_GATE : OPEN_GATE,
      credentials: GOOD_CREDENTIALS,
      slack: { inviteShared },
      now: clock,
      nextPlace: async () => now,
      workflow: {
        start: scheduled((queued: QueueKey) => start(queued, startFault)),
        isOver: executions.isOver,
      },
    };
    const turn = invocation({
      deadline: now + BUDGET_MS,
      leaseUntil: now + LEASE_MS,
      observe: observer(),
    });
    return { own, request, ports, turn, isDead };
  };

  /** @returns what somebody was told; nothing, if the function died. */
  const told = async <T>(
    work: Promise<T>,
    isDead: () => boolean,
  ): Promise<T | InviteError | undefined> => {
    const end = await work.catch((error: unknown) => {
      if (error instanceof InviteError || error instanceof Death) return error;
      throw error;
    });
    return end instanceof Death || isDead() ? undefined : end;
  };

  const queue = (plan: Plan) => {
    const { request, ports, turn, isDead } = invoked(plan);
    return told(createInviteQueue(ports).queue(request, DOOR, turn), isDead);
  };

  const turn = async (queued: QueueKey, plan: Plan = {}) => {
    const { own, ports, turn: times, isDead } = invoked(plan);
    return { end: await told(createSendQueued(ports).send(queued, now, times), isDead), own };
  };

  return {
    id,
    calls,
    executions,
    /** Every ask that an execution was started for. */
    started,
    now: clock,
    pass: (ms: number) => {
      now += ms;
    },
    read: () => createLedger(table, 400, clock).read(id, INVOCATION),
    queue,
    turn,

    /** Asks, and waits for the outcome. */
    async send(plan: Plan) {
      const { own, request, ports, turn: times, isDead } = invoked(plan);
      const sending = createSendInvite(ports)(request, DOOR, times);
      return { end: await told(sending, isDead), own };
    },

    giveUp(queued: QueueKey, plan: Plan = {}) {
      const { ports, turn: times, isDead } = invoked(plan);
      return told(createSendQueued(ports).giveUp(queued, 'Lambda.Unknown', times), isDead);
    },

    /** Runs every execution to its end: again what can be tried again, and what died. */
    async carryOut(plans: Plan[] = []) {
      for (const queued of started) {
        while (executions.isRunning(queued)) {
          const { end } = await turn(queued, plans.shift());
          if (end && !(end instanceof InviteError && end.retryable)) executions.end(queued);
          else now += LEASE_MS;
        }
      }
    },
  };
};

export type QueueWorld = ReturnType<typeof createQueueWorld>;
