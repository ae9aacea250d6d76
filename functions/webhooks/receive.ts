import { InviteError } from '../invites/errors.ts';
import type { WebhookEvent } from './events.ts';
import type { Sandbox } from './expression-sandbox.ts';
import { inParallel } from './in-parallel.ts';
import { createRuleTime } from './rule-time.ts';
import { applyRules, type Failed, type Ignored, type RulesOutcome } from './rules.ts';
import type { WebhookSource } from './source.ts';
import { createTakeEvent, type TakeEventPorts } from './take-event.ts';

/** What one event came to at the door. */
export type EventResult = 'accepted' | 'duplicate' | 'ignored';

export type Received = { result: EventResult; ignored: Ignored[]; failed: Failed[] };

/** What the events of a delivery came to. */
export type ReceivedEvents = {
  received: Received[];
  /** Why others of them were not dealt with, if so: all has to be delivered again. */
  failure?: unknown;
};

export type ReceivePorts = Omit<TakeEventPorts, 'now'> & {
  sandbox: Sandbox;
  /** When the last write has to have ended, in epoch milliseconds. */
  deadline: number;
  now?: () => number;
  /** From 0 to 1: which event is the first. */
  random?: () => number;
};

/** What is kept of the time for records and starts: rules end before. */
const KEEPING_MS = 3000;
/** No event is begun to be kept with less than this: half of it done is to be done again. */
const ONE_EVENT_MS = 1000;
/**
 * Events that are kept at the same time. A cold start opens as many connections at once, and the
 * processor's time for more of them would be longer than a connection may take.
 */
const AT_ONCE = 20;

/**
 * What happens to the events of a verified delivery: first the rules, then record and start of what
 * they take. While rules run nothing else does, so that no answer of the table waits for them.
 */
export const createReceive =
  ({ sandbox, deadline, now = Date.now, random = Math.random, ...ports }: ReceivePorts) =>
  async (
    name: string,
    source: WebhookSource,
    events: readonly WebhookEvent[],
  ): Promise<ReceivedEvents> => {
    const takeEvent = createTakeEvent({ ...ports, now });

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
      const { taken, ignored, failed } = outcome;
      const news = [];
      for (const match of taken) {
        if (now() > deadline - ONE_EVENT_MS) throw notAllKept();
        news.push(await takeEvent(name, event, match));
      }
      return { result: resultOf(news), ignored, failed };
    });
    failure = kept.failure ?? failure;
    return { received: kept.done, ...(failure !== undefined && { failure }) };
  };

/** Begins with any of them: a delivery that takes too long gets further when it is repeated. */
const fromAnywhere = <T>(list: readonly T[], random: () => number): T[] => {
  const first = Math.floor(random() * list.length);
  return [...list.slice(first), ...list.slice(0, first)];
};

const resultOf = (news: boolean[]): EventResult => {
  if (news.length === 0) return 'ignored';
  return news.includes(true) ? 'accepted' : 'duplicate';
};

const notAllKept = () =>
  new InviteError('SlackUnavailable', {
    code: 'not_all_kept',
    detail:
      'the time of the function was used up before every event was kept: those that were are duplicates when the delivery is repeated',
    retryAfter: 5,
  });
