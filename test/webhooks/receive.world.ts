import { randomUUID } from 'node:crypto';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import { createSandbox } from '../../functions/webhooks/expression.ts';
import {
  createReceive,
  type Received,
  type ReceivePorts,
  type Receiver,
} from '../../functions/webhooks/receive.ts';
import type { Receive } from '../../functions/webhooks/receive-parts.ts';
import {
  eventExecutionInput,
  eventExecutionName,
  type RecordStore,
  recordId,
} from '../../functions/webhooks/record.ts';
import type { HrSource, Rule } from '../../functions/webhooks/source.ts';
import { type Faults, faultyAccess, type Later, told } from '../support/faults.ts';
import { invocation } from '../support/invocation.ts';

export const DAY_MS = 86_400_000;
export const NAME = 'acme-hr';

export const rule = (when: string, invite: Partial<Rule['invite']> = {}): Rule => ({
  when,
  invite: { channel: 'C0PARTNER01', email: 'email', ...invite },
});

export const sourceWith = (...rules: Rule[]): HrSource => ({
  provider: 'generic',
  auth: { basic: true },
  rules,
});

/** An event that nobody has sent yet. */
export const newEvent = (
  identity: WebhookEvent['identity'] = 'event_id',
  payload: object = {},
): WebhookEvent => {
  const body = { type: 'hired', email: 'casey@partner.example', ...payload };
  return { payload: body, body, headers: {}, id: `${identity}:${randomUUID()}`, identity };
};

/** The record of an event, where the source has one rule. */
export const idOf = (event: WebhookEvent, ruleNumber = 0): string =>
  recordId(NAME, event, ruleNumber, (event.payload as { email: string }).email);

type Named = Parameters<typeof eventExecutionName>[0];

/** Step Functions, as far as it matters here: a name is used once. */
const createExecutions = () => {
  const inputs = new Map<string, string>();
  const over = new Set<string>();
  return {
    /** The names of all that were started, the first first. */
    names: () => [...inputs.keys()],
    inputs: () => [...inputs.values()],
    async start(record: Named): Promise<boolean> {
      const name = eventExecutionName(record);
      inputs.set(name, eventExecutionInput(record));
      return !over.has(name);
    },
    isOver: async (record: Named) => over.has(eventExecutionName(record)),
    /** An operator stops one, or its time is over. */
    end: (name: string) => void over.add(name),
  };
};

/** The time of a function: what it cannot start it tries again until then. */
const TIME_MS = 9000;

/** A delivery that is no longer than one part. */
export const inOnePart =
  ({ take, start }: Receiver): Receive =>
  async (source, events, its) => {
    const unstarted: Parameters<Receiver['take']>[2] = [];
    const taken = await take(source, events, unstarted, its);
    const left = await start(unstarted, its);
    return { ...taken, ...(left && { unstarted: left }) };
  };

/** Deliveries of one event each. */
const receiveOne = (ports: ReceivePorts & { now(): number }) => {
  const receive = inOnePart(createReceive(ports));
  return async (name: string, source: HrSource, event: WebhookEvent): Promise<Received> => {
    const its = invocation({ deadline: ports.now() + TIME_MS });
    const { received, failure } = await receive({ name, source }, [event], its);
    if (failure !== undefined) throw failure;
    return received[0] as Received;
  };
};

/** Step Functions stays away from a function that it did not answer. */
const untilTheEnd = (start: ReceivePorts['start']): ReceivePorts['start'] => {
  let away: unknown;
  return async (...args) => {
    if (away !== undefined) throw away;
    try {
      return await start(...args);
    } catch (error) {
      away = error;
      throw error;
    }
  };
};

type Act = <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) => typeof act;

/**
 * The door's domain, with its table and its executions. Each delivery is a function of its own,
 * with its own misfortunes; the start of an execution is one access among those to the table.
 * @param later has something done when nobody waits for it any more.
 * @param scheduled has somebody else decide when an access is done.
 */
export const createReceiving = (
  records: RecordStore,
  later: Later = () => {},
  scheduled: Act = (act) => act,
) => {
  const executions = createExecutions();
  const sandbox = createSandbox();
  let now = Date.parse('2030-01-01T00:00:00Z');
  const common = () => ({
    sandbox,
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  });

  return {
    executions,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    /** The door as it is when nothing befalls it, with some of its ports changed. */
    receive: (ports: Partial<ReceivePorts> = {}) =>
      receiveOne({
        records,
        start: executions.start,
        isOver: executions.isOver,
        ...common(),
        ...ports,
      }),

    /** @returns what the sender was told; nothing, if the function died. */
    async deliver(
      event: WebhookEvent,
      faults: Faults = {},
      source: HrSource = sourceWith(rule('true')),
    ): Promise<Received | InviteError | undefined> {
      const { access, isDead } = faultyAccess(faults, later);
      const receive = receiveOne({
        records: {
          read: scheduled((...args) => access(() => records.read(...args))),
          add: scheduled((...args) => access(() => records.add(...args))),
          markStarted: scheduled((...args) => access(() => records.markStarted(...args))),
          keepOn: scheduled((...args) => access(() => records.keepOn(...args))),
          settle: () => Promise.reject(new Error('the door settles nothing')),
        },
        start: scheduled(untilTheEnd((record) => access(() => executions.start(record)))),
        isOver: executions.isOver,
        ...common(),
      });
      return told(receive(NAME, source, event), { isDead });
    },
  };
};

export type Receiving = ReturnType<typeof createReceiving>;
