import { createHash } from 'node:crypto';
import { ownError } from '../errors/invite-error.ts';
import type { Abortable } from '../invites/invocation.ts';
import { KEEPING_MS, ONE_PART_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { DeliveryInvocation, Kept } from './keep-event.ts';
import type { Received, ReceivedEvents, Receiver, Taken } from './receive.ts';
import type { HrSource } from './source.ts';

/** How far deliveries came that were too large for one invocation. */
export type Progress = {
  /** @returns how many of its events were dealt with; 0 where nothing is known. */
  read(delivery: string, invocation: Abortable): Promise<number>;
  note(delivery: string, done: number, invocation: Abortable): Promise<void>;
};

/** Tries of a rule on an event for which one invocation certainly has time, cold or not. */
const TRIES = 200;

type Ports = { receiver: Receiver; progress: Progress; now?: () => number };

/** What happens to the events of a verified delivery, however many there are. */
export type Receive = (
  source: { name: string; source: HrSource },
  events: readonly WebhookEvent[],
  invocation: DeliveryInvocation,
) => Promise<ReceivedEvents>;

/**
 * Takes a large delivery part by part. What there is no time for is left to the repetition, which the
 * failure makes the sender send: it goes on behind the parts that were done, and so comes to the end
 * however many events there are. What could not be started is started when all parts are recorded.
 */
export const createReceiveParts = ({ receiver, progress, now = Date.now }: Ports): Receive => {
  const takeParts = async (
    ...[source, events, unstarted, invocation]: Parameters<Receiver['take']>
  ): Promise<Taken> => {
    const size = Math.max(Math.floor(TRIES / source.source.rules.length), 1);
    if (events.length <= size) return receiver.take(source, events, unstarted, invocation);

    const delivery = deliveryId(source.name, events);
    const begun = Math.min(await progress.read(delivery, invocation), events.length);
    const received: Received[] = Array.from({ length: begun }, () => KNOWN);
    let done = begun;
    let failure: unknown;
    while (done < events.length && failure === undefined) {
      const isLate = now() > invocation.deadline - KEEPING_MS - ONE_PART_MS;
      if (isLate && done > begun) {
        failure = ownError('not_all_kept');
        break;
      }
      const part = events.slice(done, done + size);
      const outcome = await receiver.take(source, part, unstarted, invocation);
      received.push(...outcome.received);
      failure = outcome.failure;
      if (failure === undefined) done += part.length;
    }

    // Once it is done, a delivery of the same content begins anew: its sender means it.
    const next = done === events.length ? 0 : done;
    // Without the note the next repetition does some of it again, which changes nothing.
    if (next !== begun) await progress.note(delivery, next, invocation).catch(() => undefined);
    return { received, ...(failure !== undefined && { failure }) };
  };

  return async (source, events, invocation) => {
    const unstarted: Kept[] = [];
    const taken = await takeParts(source, events, unstarted, invocation);
    const left = await receiver.start(unstarted, invocation);
    return left ? { ...taken, unstarted: left } : taken;
  };
};

/** What was dealt with in an earlier repetition, whatever it came to then. */
const KNOWN: Received = { result: 'duplicate', ignored: [], failed: [] };

/** By its content: each attempt may be signed anew. */
const deliveryId = (source: string, events: readonly WebhookEvent[]): string => {
  const content = JSON.stringify([source, events.length, events[0]?.body]);
  return `dlv1_${createHash('sha256').update(content).digest('base64url').slice(0, 32)}`;
};
