import { InviteError, ownError } from '../errors/invite-error.ts';
import type { Invocation } from '../invites/invocation.ts';
import {
  ONE_EVENT_MS,
  QUEUE_LIFETIME_MS,
  START_PAUSE_MAX_MS,
  START_PAUSE_MS,
} from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import { canBeginAnew, type EventRecord, isOpen, type RecordStore, recordId } from './record.ts';
import type { RuleMatch } from './rules.ts';

/** What a function's invocation means to the events of a delivery. */
export type DeliveryInvocation = Pick<Invocation, 'deadline' | 'signal'>;

type Named = Pick<EventRecord, 'id' | 'received_at'>;

export type KeeperPorts = {
  records: RecordStore;
  /**
   * Starts the workflow on a record; to start it twice is to start it once.
   * @returns whether it runs; `false`: it has run, and is over.
   * @throws InviteError
   */
  start(record: Named, invocation: DeliveryInvocation): Promise<boolean>;
  /** @returns whether there was an execution for the record, and it is over. @throws InviteError */
  isOver(record: Named, invocation: DeliveryInvocation): Promise<boolean>;
  now(): number;
  sleep?(ms: number): Promise<void>;
  /** From 0 to 1. */
  random?(): number;
};

/** The record of an event, whether its workflow has to be started, and what the rule wants. */
export type Kept = {
  record: EventRecord;
  toStart: boolean;
  invitation: EventRecord['invitation'];
};

/** Each is lost to another delivery of the same event, or to somebody who erases its record. */
const MAX_RACES = 5;

/**
 * What happens to an event that a rule takes: record, start. The record is written first and counts
 * as seen only after its execution was started: a delivery that is repeated after a crash goes on
 * where the first one stopped. An event whose execution is over before its end begins anew.
 */
export const createKeeper = ({
  records,
  start,
  isOver,
  now,
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random = Math.random,
}: KeeperPorts) => {
  /** @returns whether the workflow is at work on a record, or has ended it for good. */
  const isSeen = async (record: EventRecord, invocation: DeliveryInvocation): Promise<boolean> => {
    if (!isOpen(record)) return !canBeginAnew(record);
    if (!record.started) return false;
    // Where nobody can tell, the sweep looks.
    return !(await isOver(record, invocation).catch(() => false));
  };

  /** @returns the record anew, under another execution's name; undefined where the event has ended. */
  const renew = async (
    { record: { id }, invitation }: Kept,
    at: string,
    invocation: DeliveryInvocation,
  ): Promise<EventRecord | undefined> => {
    const current = await records.read(id, invocation);
    if (!current || !isOpen(current)) return undefined;
    const { source, rule } = current;
    const anew = newRecord({ id, source, rule, ...(invitation && { invitation }) }, at);
    return (await records.add(anew, current, invocation)) ? anew : current;
  };

  const startOnce = async (kept: Kept, invocation: DeliveryInvocation): Promise<void> => {
    let record: EventRecord | undefined = kept.record;
    for (let race = 0; record && race < MAX_RACES; race += 1) {
      const runs = await start(record, invocation);
      const at = new Date(now()).toISOString();
      if (runs) return records.markStarted(record, at, invocation);
      record = await renew(kept, at, invocation);
    }
  };

  return {
    /**
     * @param name the source's.
     * @throws InviteError if the event could not be kept: then the sender has to deliver again.
     */
    async keep(
      name: string,
      event: WebhookEvent,
      { rule, ...invitation }: RuleMatch,
      invocation: DeliveryInvocation,
    ): Promise<Kept> {
      const person = invitation.email ?? invitation.lookupId ?? '';
      const id = recordId(name, event, rule, person);
      const record = newRecord(
        { id, source: name, rule, invitation },
        new Date(now()).toISOString(),
      );
      for (let race = 0; race < MAX_RACES; race += 1) {
        // Read first: a duplicate is one access, and a long delivery that is repeated is full of them.
        const earlier = await records.read(id, invocation);
        if (earlier && !earlier.started && isOpen(earlier)) {
          return { record: earlier, toStart: true, invitation };
        }
        if (earlier && (await isSeen(earlier, invocation))) {
          // Without an id or a time of its own, a replay is told by nothing else than this record.
          if (event.identity === 'content') await records.keepOn(earlier, invocation);
          return { record: earlier, toStart: false, invitation };
        }
        if (await records.add(record, earlier, invocation)) {
          return { record, toStart: true, invitation };
        }
      }
      throw ownError('record_raced');
    },

    /** @returns whether nothing is left to do. */
    async tryToStart(kept: Kept, invocation: DeliveryInvocation): Promise<boolean> {
      if (!kept.toStart) return true;
      try {
        await startOnce(kept, invocation);
        return true;
      } catch {
        return false;
      }
    },

    /**
     * Step Functions throttles by the account: slows down, as long as there is time.
     * @throws InviteError if the workflow could not be started until then.
     */
    async start(kept: Kept, invocation: DeliveryInvocation): Promise<void> {
      const end = invocation.deadline - ONE_EVENT_MS;
      for (let pause = START_PAUSE_MS; ; pause = Math.min(2 * pause, START_PAUSE_MAX_MS)) {
        if (now() > end) throw ownError('out_of_time');
        try {
          return await startOnce(kept, invocation);
        } catch (error) {
          const wait = pause * (0.5 + random() / 2);
          const isPassing = error instanceof InviteError && error.name === 'Unavailable';
          if (!isPassing || now() + wait > end) throw error;
          await sleep(wait);
        }
      }
    },
  };
};

/** A record that nobody has looked at yet. @param at ISO 8601 */
const newRecord = (
  taken: Pick<EventRecord, 'id' | 'source' | 'rule' | 'invitation'>,
  at: string,
): EventRecord => ({
  ...taken,
  status: 'received',
  started: false,
  received_at: at,
  updated_at: at,
  until: new Date(Date.parse(at) + QUEUE_LIFETIME_MS).toISOString(),
});
