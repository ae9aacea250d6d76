import { OWN_CODES } from '../errors/codes.ts';
import { type Reason, reasonOf } from '../errors/invite-error.ts';
import type { Workflow } from '../invites/enqueue.ts';
import type { DueIndex } from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import type { Ledger } from '../invites/ledger.ts';
import { inParallel } from '../lib/async.ts';
import { OVERDUE_MS, QUEUE_LIFETIME_MS } from '../lib/times.ts';
import { endOf } from './make-invite.ts';
import { type EventRecord, isOpen, type RecordStore, untilOf } from './record.ts';

type Named = Pick<EventRecord, 'id' | 'received_at'>;

type RestartPorts = {
  due: DueIndex;
  ledger: Pick<Ledger, 'read' | 'waiting' | 'enqueueAgain'>;
  records: RecordStore;
  /** Carries out queued requests. */
  invites: Workflow;
  /** Carries out events, by their records. */
  events: {
    /** @returns whether it runs; `false`: it has run, and is over. @throws InviteError */
    start(record: Named, invocation: Invocation): Promise<boolean>;
  };
  now?: () => number;
};

/** What came of one thing that waited: started anew, left at work, or found to have ended. */
type Found = 'started' | 'running' | 'ended';

/** How many of each kind came to what. */
export type Restarted = {
  invites: Record<Found, number>;
  events: Record<Found, number>;
  /** Why others could not be dealt with; the next sweep finds them again. */
  failed: Reason[];
};

/** Things that are looked at in one run. */
const AT_MOST = 200;
/** The end of an event whose time is over. */
const LAPSED = {
  status: 'failed',
  error: { class: OWN_CODES.queue_lapsed.class, code: 'queue_lapsed' },
} as const;
/** Queued requests, and events, that are read to find the one that has waited longest. */
const OLDEST_AMONG = 25;
/** StartExecution and DescribeExecution have buckets for the whole account. */
const AT_ONCE = 4;

/**
 * Starts what was accepted and has nobody at work on it: a function died between the record and the
 * start, a start was throttled, an execution was stopped. It looks only at what has waited unchanged
 * for ten minutes, and leaves alone what runs.
 */
export const createRestart = ({
  due,
  ledger,
  records,
  invites,
  events,
  now = Date.now,
}: RestartPorts) => {
  /** An event whose execution is over, or never began, begins anew under another name, for the rest of its time. */
  const restartEvent = async (id: string, invocation: Invocation): Promise<Found> => {
    const record = await records.read(id, invocation);
    if (!record || !isOpen(record)) return 'ended';
    const at = new Date(now()).toISOString();
    const isOver = now() >= untilOf(record);
    const invite = record.invite && (await ledger.read(record.invite, invocation));
    const end = invite ? endOf(invite) : isOver ? LAPSED : undefined;
    if (end) {
      await records.settle(id, end, at, invocation);
      return 'ended';
    }
    if (invite) return 'running'; // where nobody is at work on the invite, it is due itself
    if (await events.start(record, invocation)) {
      if (record.started) return 'running';
      await records.markStarted(record, at, invocation);
      return 'started';
    }
    const until = new Date(untilOf(record)).toISOString();
    const anew: EventRecord = { ...record, started: false, received_at: at, updated_at: at, until };
    if (!(await records.add(anew, record, invocation))) return 'running';
    await events.start(anew, invocation);
    await records.markStarted(anew, at, invocation);
    return 'started';
  };

  /** A request whose execution is over, or never began, goes into the queue anew. */
  const restartInvite = async (id: string, invocation: Invocation): Promise<Found> => {
    const waiting = await ledger.waiting(id, invocation);
    if (!waiting) return 'ended';
    const { queued, source } = waiting;
    const { generation } = queued;
    const event = source.event && (await records.read(source.event, invocation));
    // Put into the queue anew, it is carried out by itself.
    const isOfEvent = event && isOpen(event) && (event.generation ?? generation) === generation;
    const isAtWork = isOfEvent
      ? events.start(event, invocation)
      : invites.start(queued, invocation);
    if (await isAtWork) return 'running';
    const again = await ledger.enqueueAgain(queued, invocation);
    if (again.queued) await invites.start(again.queued, invocation);
    return again.queued ? 'started' : 'ended';
  };

  return async (invocation: Invocation): Promise<Restarted> => {
    const none = () => ({ started: 0, running: 0, ended: 0 });
    const swept: Restarted = { invites: none(), events: none(), failed: [] };
    const before = now() - OVERDUE_MS;
    const found = await due.overdue('event', before, AT_MOST, invocation);
    const waiting = await due.overdue('invite', before, AT_MOST, invocation);
    // Each kind has half of them, and what the other leaves.
    const overdue = found.slice(0, Math.max(AT_MOST / 2, AT_MOST - waiting.length));
    waiting.splice(AT_MOST - overdue.length);

    const look = async (kind: 'event' | 'invite', id: string) => {
      if (Date.now() > invocation.deadline) return;
      try {
        const restart = kind === 'event' ? restartEvent : restartInvite;
        const found = await restart(id, invocation);
        swept[kind === 'event' ? 'events' : 'invites'][found] += 1;
        // A request that waited too long ends by the clock: nobody has written that.
        if (found === 'ended') await due.drop(kind, id, before, invocation);
        else await due.touch(kind, id, now(), invocation);
      } catch (error) {
        swept.failed.push(reasonOf(error));
      }
    };
    await inParallel(overdue, AT_ONCE, (id) => look('event', id));
    await inParallel(waiting, AT_ONCE, (id) => look('invite', id));
    return swept;
  };
};

/**
 * @param due what has gone longest without a look comes first: of a longer queue, the oldest are among them.
 * @returns how long the oldest queued request has waited, or the oldest event that has come to no request
 *   and does not wait for an address, in milliseconds; 0 where none waits.
 */
export const oldestWait = async (
  { due, ledger, records }: Pick<RestartPorts, 'due' | 'ledger' | 'records'>,
  now: number,
  invocation: Invocation,
): Promise<number> => {
  const sinceOf = {
    invite: async (id: string) => (await ledger.waiting(id, invocation))?.since,
    event: async (id: string) => {
      const record = await records.read(id, invocation);
      return record?.status === 'received' ? untilOf(record) - QUEUE_LIFETIME_MS : undefined;
    },
  };
  let oldest = now;
  for (const kind of ['invite', 'event'] as const) {
    const ids = await due.overdue(kind, now + 1, OLDEST_AMONG, invocation);
    const { done, failure } = await inParallel(ids, AT_ONCE, sinceOf[kind]);
    if (failure !== undefined) throw failure;
    for (const since of done) if (since !== undefined) oldest = Math.min(oldest, since);
  }
  return now - oldest;
};

/** @returns how many of what was accepted had nobody at work on it, whether or not that is mended now. */
export const unendedOf = ({ invites, events, failed }: Restarted): number =>
  invites.started + events.started + failed.length;
