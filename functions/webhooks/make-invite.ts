import { type ErrorClass, errorClassOf } from '../errors/classes.ts';
import { InviteError, ownError } from '../errors/invite-error.ts';
import { hrCaller } from '../invites/caller.ts';
import type { Enqueue } from '../invites/enqueue.ts';
import type { Abortable } from '../invites/invocation.ts';
import type { QueueKey } from '../invites/queue.ts';
import { parseRequest } from '../invites/request.ts';
import { LOOKUP_FIRST_PAUSE_S, LOOKUP_LONGEST_PAUSE_S, LOOKUP_PATIENCE_MS } from '../lib/times.ts';
import type { LookupResult } from './lookup.ts';
import type { FailedLookup } from './lookup-failure.ts';
import type { EventRecord, RecordStore } from './record.ts';

/** What the first step of an event's workflow came to. */
export type MadeInvite =
  /** The request waits for its turn. */
  | { queued: QueueKey }
  /** An invite exists already, or its own workflow is at work on it. */
  | { invite: string }
  /** There is no address yet: to be looked up again after so many seconds. */
  | { pendingSeconds: number };

export type MakeInvitePorts = {
  records: RecordStore;
  enqueue: Enqueue;
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
  lookup,
  now = Date.now,
}: MakeInvitePorts): EventInvites => {
  const at = () => new Date(now()).toISOString();

  const make = async (record: EventRecord, invocation: Abortable): Promise<MadeInvite> => {
    const { id, source, invitation, status, invite, generation } = record;
    // A step that is repeated because its answer was lost.
    if (status === 'invited' && invite) {
      return generation === undefined ? { invite } : { queued: { id: invite, generation } };
    }
    if (!invitation) throw ended(record);

    const { lookupId, email: given, ...terms } = invitation;
    const found = given === undefined ? await lookup(source, lookupId ?? '', id) : { email: given };
    if (!('email' in found)) {
      const waited = now() - Date.parse(record.received_at);
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
    const { invite: made, queued } = await enqueue(request, hrCaller(source), invocation);
    const end = { invite: made.id, ...(queued && { generation: queued.generation }) };
    await records.settle(id, { status: 'invited', ...end }, at(), invocation);
    return queued ? { queued } : { invite: made.id };
  };

  return {
    async make(id, invocation) {
      const record = await records.read(id, invocation);
      if (!record) throw ownError('no_such_event');
      try {
        return await make(record, invocation);
      } catch (error) {
        if (error instanceof InviteError && !error.retryable && record.invitation) {
          const { name, facts } = error;
          const invite = facts.id === undefined ? {} : { invite: facts.id };
          const end = { status: 'failed', error: { class: name, code: facts.code } } as const;
          await records.settle(id, { ...end, ...invite }, at(), invocation);
        }
        throw error;
      }
    },

    async giveUp(id, name, invocation) {
      const error = { class: errorClassOf(name), code: GIVEN_UP };
      const isNew = await records.settle(id, { status: 'failed', error }, at(), invocation);
      return isNew ? error.class : undefined;
    },
  };
};

/** Each pause as long as the wait so far, so that a late address is found within twice its delay. */
const pauseAfter = (waitedMs: number): number =>
  Math.min(Math.max(Math.ceil(waitedMs / 1000), LOOKUP_FIRST_PAUSE_S), LOOKUP_LONGEST_PAUSE_S);

/** A record without its invitation has ended already: a repeated step finds the same end. */
const ended = ({ error, invite }: EventRecord): InviteError => {
  const settled = ownError('event_settled', {}, { id: invite });
  // Its class says what stood in the way, and not how the event ended.
  if (!error || error.code === GIVEN_UP) return settled;
  const { detail } = settled.facts;
  return new InviteError(error.class, { code: error.code, detail, id: invite });
};

const lookupFailed = ({ failed, retryable }: FailedLookup) => {
  if (failed === 'bad_id') return ownError('bad_person_id');
  return ownError(retryable ? 'lookup_unavailable' : 'lookup_misconfigured', { reason: failed });
};
