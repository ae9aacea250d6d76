import { createHash } from 'node:crypto';
import { ownError } from '../errors/invite-error.ts';
import type { Abortable } from '../invites/invocation.ts';
import { KEEPING_MS, ONE_PART_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { Receive, Received, ReceivedEvents } from './receive.ts';

/** How far deliveries came that were too large for one invocation. */
export type Progress = {
  /** @returns how many of its events were dealt with; 0 where nothing is known. */
  read(delivery: string, invocation: Abortable): Promise<number>;
  note(delivery: string, done: number, invocation: Abortable): Promise<void>;
};

/** Tries of a rule on an event for which one invocation certainly has time, cold or not. */
const TRIES = 200;

type Ports = { receive: Receive; progress: Progress; now?: () => number };

/**
 * Takes a large delivery part by part. What there is no time for is left to the repetition, which the
 * failure makes the sender send: it goes on behind the parts that were done, and so comes to the end
 * however many events there are.
 */
export const createReceiveParts = ({ receive, progress, now = Date.now }: Ports): Receive => {
  return async (source, events, invocation) => {
    const size = Math.max(Math.floor(TRIES / source.source.rules.length), 1);
    if (events.length <= size) return receive(source, events, invocation);

    const delivery = deliveryId(source.name, events);
    const begun = Math.min(await progress.read(delivery, invocation), events.length);
    const received: Received[] = Array.from({ length: begun }, () => KNOWN);
    let done = begun;
    let unstarted: ReceivedEvents['unstarted'];
    let failure: unknown;
    while (done < events.length && failure === undefined) {
      const isLate = now() > invocation.deadline - KEEPING_MS - ONE_PART_MS;
      if (isLate && done > begun) {
        failure = ownError('not_all_kept');
        break;
      }
      const part = events.slice(done, done + size);
      const outcome = await receive(source, part, invocation);
      received.push(...outcome.received);
      unstarted = both(unstarted, outcome.unstarted);
      failure = outcome.failure;
      if (failure === undefined) done += part.length;
    }

    // Once it is done, a delivery of the same content begins anew: its sender means it.
    const next = done === events.length ? 0 : done;
    // Without the note the next repetition does some of it again, which changes nothing.
    if (next !== begun) await progress.note(delivery, next, invocation).catch(() => undefined);
    return {
      received,
      ...(failure !== undefined && { failure }),
      ...(unstarted && { unstarted }),
    };
  };
};

/** What was dealt with in an earlier repetition, whatever it came to then. */
const KNOWN: Received = { result: 'duplicate', ignored: [], failed: [] };

/** What has no workflow yet of two parts of a delivery, with the reason of the later one. */
const both = (
  earlier: ReceivedEvents['unstarted'],
  later: ReceivedEvents['unstarted'],
): ReceivedEvents['unstarted'] => {
  if (!earlier || !later) return later ?? earlier;
  return { count: earlier.count + later.count, reason: later.reason };
};

/** By its content: each attempt may be signed anew. */
const deliveryId = (source: string, events: readonly WebhookEvent[]): string => {
  const content = JSON.stringify([source, events.length, events[0]?.body]);
  return `dlv1_${createHash('sha256').update(content).digest('base64url').slice(0, 32)}`;
};
