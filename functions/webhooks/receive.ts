import { ownError } from '../errors/invite-error.ts';
import type { Abortable, Invocation } from '../invites/invocation.ts';
import { inParallel } from '../lib/in-parallel.ts';
import { KEEPING_MS, ONE_EVENT_MS, SAME_CONTENT_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { Sandbox } from './expression.ts';
import { type EventRecord, type RecordStore, recordId } from './record.ts';
import type { RuleMatch } from './rules.ts';
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
export type ReceivedResult = 'accepted' | 'duplicate' | 'ignored';

export type Received = {
  result: ReceivedResult;
  ignored: Ignored[];
  failed: Failed[];
  leftOut?: LeftOut[];
};

/** What the events of a delivery came to. */
export type ReceivedEvents = {
  received: Received[];
  /** Why others of them were not dealt with, if so: all has to be delivered again. */
  failure?: unknown;
};

/** What a function's invocation means to the events of a delivery. */
export type DeliveryInvocation = Pick<Invocation, 'deadline' | 'signal'>;

export type Receive = (
  source: { name: string; source: HrSource },
  events: readonly WebhookEvent[],
  invocation: DeliveryInvocation,
) => Promise<ReceivedEvents>;

export type ReceivePorts = Omit<TakeEventPorts, 'now'> & {
  sandbox: Pick<Sandbox, 'evaluate'>;
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
 * What happens to the events of a verified delivery: first the rules, then record and start of what
 * they take. While rules run nothing else does, so that no answer of the table waits for them.
 */
export const createReceive = ({
  sandbox,
  now = Date.now,
  random = Math.random,
  ...ports
}: ReceivePorts): Receive => {
  const takeEvent = createTakeEvent({ ...ports, now });

  return async ({ name, source }, events, invocation) => {
    const { deadline } = invocation;
    const tried: { event: WebhookEvent; outcome: RulesOutcome }[] = [];
    const nextRule = createRuleTime({
      sandbox,
      tries: events.length * source.rules.length,
      end: deadline - KEEPING_MS,
      now,
    });
    let failure: unknown;
    try {
      for (const event of fromAnywhere(events, random)) {
        tried.push({ event, outcome: applyRules(source, event, nextRule) });
      }
    } catch (error) {
      failure = error;
    }

    const kept = await inParallel(tried, AT_ONCE, async ({ event, outcome }): Promise<Received> => {
      const { taken, ...told } = outcome;
      const news = [];
      for (const match of taken) {
        if (now() > deadline - ONE_EVENT_MS) throw ownError('not_all_kept');
        news.push(await takeEvent(name, event, match, invocation));
      }
      return { result: resultOf(news), ...told };
    });
    failure = kept.failure ?? failure;
    return { received: kept.done, ...(failure !== undefined && { failure }) };
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

export type TakeEventPorts = {
  records: RecordStore;
  /** Starts the workflow on a record; to start it twice is to start it once. @throws InviteError */
  start(record: Pick<EventRecord, 'id' | 'received_at'>, invocation: Abortable): Promise<unknown>;
  now: () => number;
};

/** Each is lost to another delivery of the same event, or to somebody who erases its record. */
const MAX_RACES = 5;

/**
 * What happens to an event that a rule takes: record, start. The record is written first and counts
 * as seen only after its execution was started, so that a delivery which is repeated after a crash
 * goes on where the first one stopped.
 *
 * @throws InviteError if the event could not be kept or its workflow not started: then the sender
 *   has to deliver again.
 */
export const createTakeEvent = ({ records, start, now }: TakeEventPorts) => {
  /** @returns the record that stands: this one, or an earlier one of the same event. */
  const keep = async (
    record: EventRecord,
    { identity }: Pick<WebhookEvent, 'identity'>,
    invocation: Abortable,
  ): Promise<EventRecord> => {
    for (let race = 0; race < MAX_RACES; race += 1) {
      // Read first: a duplicate is one access, and a long delivery that is repeated is full of them.
      const earlier = await records.read(record.id, invocation);
      if (earlier) {
        const age = Date.parse(record.received_at) - Date.parse(earlier.received_at);
        if (identity !== 'content' || age <= SAME_CONTENT_MS) return earlier;
      }
      if (await records.add(record, earlier?.received_at, invocation)) return record;
    }
    throw ownError('record_raced');
  };

  /**
   * @param name the source's.
   * @returns whether the event is new to the rule.
   */
  return async (
    name: string,
    event: WebhookEvent,
    { rule, ...invitation }: RuleMatch,
    invocation: Abortable,
  ): Promise<boolean> => {
    const at = new Date(now()).toISOString();
    const record: EventRecord = {
      id: recordId(name, event, rule, invitation.email ?? invitation.lookupId ?? ''),
      source: name,
      rule,
      status: 'received',
      started: false,
      invitation,
      received_at: at,
      updated_at: at,
    };
    const kept = await keep(record, event, invocation);
    if (kept.started) return false;
    await start(kept, invocation);
    await records.markStarted(kept, at, invocation);
    return true;
  };
};
