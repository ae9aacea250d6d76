import { ownError, type Reason, reasonOf } from '../errors/invite-error.ts';
import { inParallel } from '../lib/async.ts';
import { KEEPING_MS, ONE_EVENT_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { Expressions, Sandbox } from './expression.ts';
import {
  createKeeper,
  type DeliveryInvocation,
  type KeeperPorts,
  type Kept,
} from './keep-event.ts';
import {
  applyRules,
  createRuleTime,
  type Failed,
  type Ignored,
  type LeftOut,
  type RulesOutcome,
} from './rules.ts';
import type { HrSource } from './source.ts';

/** What one event came to at the door. */
type ReceivedResult = 'accepted' | 'duplicate' | 'ignored';

export type Received = {
  result: ReceivedResult;
  ignored: Ignored[];
  failed: Failed[];
  leftOut?: LeftOut[];
};

/** What the events of a delivery came to. */
export type ReceivedEvents = {
  /** What was dealt with: what a rule took of it is recorded. */
  received: Received[];
  /** How many records have no workflow yet, and why: the sweep starts it. */
  unstarted?: { count: number; reason: Reason };
  /** Why others of them were not dealt with, if so: all has to be delivered again. */
  failure?: unknown;
};

/** Takes the events of a delivery, or of a part of one. */
export type Receiver = {
  /**
   * Records what the rules take, and starts it, until the first that cannot be started.
   * @param unstarted gets every record that has to be started yet. While it holds any, nothing is started.
   */
  take(
    source: { name: string; source: HrSource },
    events: readonly WebhookEvent[],
    unstarted: Kept[],
    invocation: DeliveryInvocation,
  ): Promise<Taken>;
  /** Starts what is left, as long as there is time. @returns what has no workflow all the same. */
  start(
    unstarted: readonly Kept[],
    invocation: DeliveryInvocation,
  ): Promise<ReceivedEvents['unstarted']>;
};

export type Taken = Omit<ReceivedEvents, 'unstarted'>;

export type ReceivePorts = Omit<KeeperPorts, 'now'> & {
  sandbox: Pick<Sandbox, 'evaluate' | 'evaluateAll'>;
  now?: () => number;
  /** From 0 to 1: which event is the first. */
  random?: () => number;
};

/**
 * Events that are kept at the same time. A cold start opens as many connections at once, and the
 * processor's time for more of them would be longer than a connection may take.
 */
const AT_ONCE = 20;

/**
 * What happens to the events of a verified delivery: first the rules, then a record of each that they
 * take, and the start of its workflow. While rules run nothing else does, and no answer of the table
 * waits for them. As soon as one cannot be started, all others of the delivery are recorded first: what
 * is recorded is taken, and the sweep starts what could not be started until the deadline.
 */
export const createReceive = ({
  sandbox,
  now = Date.now,
  random = Math.random,
  ...ports
}: ReceivePorts): Receiver => {
  const keeper = createKeeper({ ...ports, now });

  const take: Receiver['take'] = async ({ name, source }, events, unstarted, invocation) => {
    const { deadline } = invocation;
    const tried: { event: WebhookEvent; outcome: RulesOutcome }[] = [];
    const inOrder = fromAnywhere(events, random);
    const nextRule = createRuleTime({
      sandbox: inBatches(sandbox, source, inOrder),
      tries: events.length * source.rules.length,
      end: deadline - KEEPING_MS,
      now,
    });
    let failure: unknown;
    try {
      for (const event of inOrder) {
        tried.push({ event, outcome: applyRules(source, event, nextRule) });
      }
    } catch (error) {
      failure = error;
    }

    const kept = await inParallel(tried, AT_ONCE, async ({ event, outcome }): Promise<Received> => {
      const { taken, ...told } = outcome;
      const news: boolean[] = [];
      for (const match of taken) {
        if (now() > deadline - ONE_EVENT_MS) throw ownError('not_all_kept');
        const record = await keeper.keep(name, event, match, invocation);
        news.push(record.toStart);
        const isLeft = unstarted.length > 0 || !(await keeper.tryToStart(record, invocation));
        if (record.toStart && isLeft) unstarted.push(record);
      }
      return { result: resultOf(news), ...told };
    });
    failure = kept.failure ?? failure;
    return { received: kept.done, ...(failure !== undefined && { failure }) };
  };

  return {
    take,
    async start(unstarted, invocation) {
      const { done, failure } = await inParallel(unstarted, AT_ONCE, (record) =>
        keeper.start(record, invocation),
      );
      const count = unstarted.length - done.length;
      return count > 0 ? { count, reason: reasonOf(failure) } : undefined;
    },
  };
};

/** Begins with any of them: a delivery that takes too long gets further when it is repeated. */
const fromAnywhere = <T>(list: readonly T[], random: () => number): T[] => {
  const first = Math.floor(random() * list.length);
  return [...list.slice(first), ...list.slice(0, first)];
};

const resultOf = (news: boolean[]): ReceivedResult => {
  if (news.length === 0) return 'ignored';
  return news.includes(true) ? 'accepted' : 'duplicate';
};

/** Events in a batch at most: a call of the sandbox gets copies of all, and may not reach the last. */
const BATCH = 50;

/**
 * A sandbox that tries all rules of a source on as many events as it gets done in one call, when the
 * first of them is tried. What is stopped in a batch counts for nothing, and from then on each expression
 * has a call and a limit of its own: which one ran over is known for certain only there.
 *
 * @param events in the order in which they will be tried.
 */
export const inBatches = (
  sandbox: Pick<Sandbox, 'evaluate' | 'evaluateAll'>,
  source: Pick<HrSource, 'rules' | 'lookup'>,
  events: readonly Pick<WebhookEvent, 'payload'>[],
): Pick<Sandbox, 'evaluate'> => {
  const payloads = events.map(({ payload }) => payload);
  const rules = expressionsOf(source);
  let next = 0;

  return {
    evaluate(expression, event, body, limitMs, headers) {
      if (next < payloads.length && event === payloads[next]) {
        const batch = payloads.slice(next, next + BATCH);
        const done = sandbox.evaluateAll(rules, batch, body, limitMs, headers);
        next = done === 0 ? payloads.length : next + done;
      }
      return sandbox.evaluate(expression, event, body, limitMs, headers);
    },
  };
};

/** What `applyRules` evaluates. An id that a lookup needs where there is no address is left to it. */
const expressionsOf = ({ rules, lookup }: Pick<HrSource, 'rules' | 'lookup'>): Expressions[] =>
  rules.map(({ when, invite }) => ({
    when,
    fields: [invite.email ?? lookup?.id, invite.reference].filter((text) => text !== undefined),
  }));
