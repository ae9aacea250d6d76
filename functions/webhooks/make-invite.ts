import { type ErrorClass, errorClassOf } from '../errors/classes.ts';
import { InviteError, isMendable, ownError, reasonOf } from '../errors/invite-error.ts';
import type { Enqueue } from '../invites/enqueue.ts';
import { hrCaller, type Invite } from '../invites/invite.ts';
import type { Abortable } from '../invites/invocation.ts';
import type { Ledger } from '../invites/ledger.ts';
import { type QueueKey, unlessBehind } from '../invites/queue.ts';
import { parseRequest } from '../invites/request.ts';
import {
  LOOKUP_FIRST_PAUSE_S,
  LOOKUP_LONGEST_PAUSE_S,
  LOOKUP_PATIENCE_MS,
  OPERATOR_LONGEST_PAUSE_S,
} from '../lib/times.ts';
import type { LookupResult } from './lookup.ts';
import type { FailedLookup } from './lookup-request.ts';
import { type EventRecord, isOpen, type RecordEnd, type RecordStore, untilOf } from './record.ts';

/** What the first step of an event's workflow came to. */
export type MadeInvite =
  /** The request waits for its turn. */
  | { queued: QueueKey }
  /** An invite exists already, or its own workflow is at work on it. */
  | { invite: string }
  /**
   * There is no address yet, or an operator has to mend something first: to be looked at again after
   * so many seconds.
   */
  | { pendingSeconds: number; blockedBy?: InviteError };

export type MakeInvitePorts = {
  records: RecordStore;
  enqueue: Enqueue;
  readInvite: Ledger['read'];
  /**
   * Looks the address of a person up in an HR source.
   * @param event the id of the record that needs it.
   */
  lookup(source: string, person: string, event: string): Promise<LookupResult>;
  now?: () => number;
};

/** What can be done about the event of a record, by the record's id. */
export type EventInvites = {
  make(id: string, invocation: Abortable): Promise<MadeInvite>;
  /** Notes how the invite of an event ended. @returns whether the event ended with it now. */
  follow(id: string, invocation: Abortable): Promise<boolean>;
  /**
   * Notes that nobody will try again.
   * @param error the name of the error that the workflow ended with.
   * @returns the class that the record shows, or undefined if it had ended already.
   */
  giveUp(id: string, error: string, invocation: Abortable): Promise<ErrorClass | undefined>;
};

/** The code of what ended because nobody tries again. */
const GIVEN_UP = 'given_up' as const;

/**
 * Makes an invitation of an event that a rule took. To do it again is to do it once: the invite's
 * identity, made of channel and person, is the second layer against doubles.
 *
 * @throws InviteError of every class but those of the call itself. A final one is in the record.
 */
export const createMakeInvite = ({
  records,
  enqueue,
  readInvite,
  lookup,
  now = Date.now,
}: MakeInvitePorts): EventInvites => {
  const at = () => new Date(now()).toISOString();
  const waitedFor = ({ received_at }: EventRecord) => now() - Date.parse(received_at);

  const make = async (record: EventRecord, invocation: Abortable): Promise<MadeInvite> => {
    const { id, source, invitation, status, invite, generation } = record;
    const until = untilOf(record);
    // A step that is repeated because its answer was lost.
    if (status === 'queued' && invite && generation !== undefined) {
      return { queued: { id: invite, generation } };
    }
    if (!invitation || !isOpen(record)) {
      if (invite && !record.error) return { invite };
      throw ended(record);
    }
    if (now() >= until) throw ownError('queue_lapsed');

    const { lookupId, email: given, ...terms } = invitation;
    const found = given === undefined ? await lookup(source, lookupId ?? '', id) : { email: given };
    if (!('email' in found)) {
      const waited = waitedFor(record);
      const isOver = waited >= LOOKUP_PATIENCE_MS;
      if ('failed' in found && (isOver || !found.retryable)) throw lookupFailed(found);
      if (isOver) throw ownError('no_email');
      const pending = 'pending' in found;
      if (pending && status !== 'pending_email') {
        await records.settle(id, { status: 'pending_email' }, at(), invocation);
      }
      const told = pending ? 0 : (found.retryAfter ?? 0);
      return { pendingSeconds: Math.max(pauseAfter(waited), told) };
    }

    const request = parseRequest({ ...terms, emails: [found.email] });
    const caller = hrCaller(source, id);
    const { invite: made, queued } = await enqueue(request, caller, invocation, until);
    const end = endOf(made) ?? { status: 'queued' };
    await records.settle(
      id,
      { ...end, invite: made.id, ...(queued && { generation: queued.generation }) } as RecordEnd,
      at(),
      invocation,
    );
    return queued ? { queued } : { invite: made.id };
  };

  return {
    async make(id, invocation) {
      const record = await records.read(id, invocation);
      if (!record) throw ownError('no_such_event');
      try {
        return await make(record, invocation);
      } catch (found) {
        const error = unlessBehind(found, waitedFor(record));
        if (!(error instanceof InviteError) || !record.invitation || !isOpen(record)) throw error;
        const reason = reasonOf(error);
        const isOver = now() >= untilOf(record);
        if (error.retryable && !isOver) throw error;
        if (isMendable(reason) && !isOver) {
          return { pendingSeconds: pauseForOperator(waitedFor(record)), blockedBy: error };
        }
        const { id: invite } = error.facts;
        const end = { status: 'failed', error: reason, ...(invite && { invite }) } as const;
        await records.settle(id, end, at(), invocation);
        // It ends here: the step that carries it must not wait for the operator any more.
        throw isOver ? ownError('event_settled', {}, { id: invite }) : error;
      }
    },

    async follow(id, invocation) {
      const record = await records.read(id, invocation);
      const invite = record?.invite && (await readInvite(record.invite, invocation));
      const end = invite && endOf(invite);
      return end ? records.settle(id, end, at(), invocation) : false;
    },

    async giveUp(id, name, invocation) {
      // Once it is in the queue, the sweep sees to it that somebody carries it out.
      if ((await records.read(id, invocation))?.status === 'queued') return undefined;
      const error = { class: errorClassOf(name), code: GIVEN_UP };
      const isNew = await records.settle(id, { status: 'failed', error }, at(), invocation);
      return isNew ? error.class : undefined;
    },
  };
};

/** @returns how an event ends whose invite reads so; undefined while that is open. */
export const endOf = ({ status, error }: Invite): RecordEnd | undefined => {
  switch (status) {
    case 'queued':
    case 'sending':
      return undefined;
    case 'sent':
    case 'accepted':
    case 'connected':
    case 'declined':
    case 'revoked':
    case 'already_in_channel':
      return { status: 'sent' };
    default: {
      // With an error, nobody knows whether the call before had sent it.
      if (status === 'expired' && !error) return { status: 'sent' };
      const { class: errorClass, code } = error ?? {
        class: 'OutcomeUnknown',
        code: 'outcome_unknown',
      };
      return { status: 'failed', error: { class: errorClass, code } };
    }
  }
};

/** What an operator mends is looked at after a minute, and later every quarter of an hour. */
const pauseForOperator = (waitedMs: number): number =>
  Math.min(Math.max(Math.ceil(waitedMs / 30_000), 60), OPERATOR_LONGEST_PAUSE_S);

/** Each pause as long as the wait so far, so that a late address is found within twice its delay. */
const pauseAfter = (waitedMs: number): number =>
  Math.min(Math.max(Math.ceil(waitedMs / 1000), LOOKUP_FIRST_PAUSE_S), LOOKUP_LONGEST_PAUSE_S);

/** A record without its invitation has ended already: a repeated step finds the same end. */
const ended = ({ error, invite }: EventRecord): InviteError => {
  const settled = ownError('event_settled', {}, { id: invite });
  // Its class says what stood in the way, and not how the event ended.
  if (!error || error.code === GIVEN_UP || isMendable(error)) return settled;
  const { detail } = settled.facts;
  return new InviteError(error.class, { code: error.code, detail, id: invite });
};

const lookupFailed = ({ failed, retryable }: FailedLookup) => {
  if (failed === 'bad_id') return ownError('bad_person_id');
  return ownError(retryable ? 'lookup_unavailable' : 'lookup_misconfigured', { reason: failed });
};

/** What the workflow goes on with. It stands in the history, and no address is in it. */
export type EventTaskResult = {
  event: string;
  /** Where there is a request in the queue. */
  id?: string;
  generation?: number;
  /** Where there is no address yet: after so many seconds the workflow looks it up again. */
  pending_seconds?: number;
};

/** @returns what the workflow goes on with, and the outcome for the metrics. */
export const eventTaskResult = (
  event: string,
  made: MadeInvite,
): { outcome: 'blocked' | 'pending_email' | 'queued' | 'existing'; result: EventTaskResult } => {
  if ('pendingSeconds' in made) {
    const result = { event, pending_seconds: made.pendingSeconds };
    return { outcome: made.blockedBy ? 'blocked' : 'pending_email', result };
  }
  if ('queued' in made) return { outcome: 'queued', result: { event, ...made.queued } };
  return { outcome: 'existing', result: { event, id: made.invite } };
};
