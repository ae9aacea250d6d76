import { type ErrorClass, errorClassOf, InviteError } from '../errors/invite-error.ts';
import type { InviteQueue } from '../invites/enqueue.ts';
import type { QueueKey } from '../invites/queue.ts';
import { parseRequest } from '../invites/request.ts';
import type { LookupFailure, LookupResult } from './lookup.ts';
import type { EventRecord, RecordStore } from './record.ts';

/** What the first step of an event's workflow came to. */
export type MadeInvite =
  /** The ask waits for its turn. */
  | { queued: QueueKey }
  /** An invite exists already, or its own workflow is at work on it. */
  | { invite: string }
  /** There is no address yet: to be asked again after so many seconds. */
  | { pendingSeconds: number };

export type MakeInvitePorts = {
  records: RecordStore;
  enqueue: InviteQueue['enqueue'];
  /**
   * Asks a source's HR system for the address of a person.
   * @param event the id of the record that it is asked for.
   */
  lookUp(source: string, person: string, event: string): Promise<LookupResult>;
  now?: () => number;
};

/** What can be done about the event of a record, by the record's id. */
export type EventInvites = {
  make(id: string): Promise<MadeInvite>;
  /**
   * Notes that nobody will try again.
   * @param error the name of the error that the workflow ended with.
   * @returns the class that the record shows, or undefined if it had ended already.
   */
  giveUp(id: string, error: string): Promise<ErrorClass | undefined>;
};

/** How long an address may take to be there: HR systems create a person first and fill it in later. */
const PATIENCE_MS = 24 * 3_600_000;
const FIRST_PAUSE_S = 30;
const LONGEST_PAUSE_S = 4 * 3_600;

/** The code of what ended because nobody tries again. */
const GIVEN_UP = 'given_up';

/**
 * Makes an invitation of an event that a rule took. To do it again is to do it once: the invite's
 * identity, made of channel and person, is the second layer against doubles.
 *
 * @throws InviteError of every class but those of the call itself. A final one is in the record.
 */
export const createMakeInvite = ({
  records,
  enqueue,
  lookUp,
  now = Date.now,
}: MakeInvitePorts): EventInvites => {
  const at = () => new Date(now()).toISOString();

  const make = async (record: EventRecord): Promise<MadeInvite> => {
    const { id, source, ask, status, invite, generation } = record;
    // A step that is repeated because its answer was lost.
    if (status === 'invited' && invite) {
      return generation === undefined ? { invite } : { queued: { id: invite, generation } };
    }
    if (!ask) throw ended(record);

    const { lookupId, email: given, ...invitation } = ask;
    const found = given === undefined ? await lookUp(source, lookupId ?? '', id) : { email: given };
    if (!('email' in found)) {
      const waited = now() - Date.parse(record.received_at);
      const isOver = waited >= PATIENCE_MS;
      if ('failed' in found && (isOver || !found.retryable)) throw lookupFailed(found);
      if (isOver) throw noEmail();
      const pending = 'pending' in found;
      if (pending && status !== 'pending_email') {
        await records.settle(id, { status: 'pending_email' }, at());
      }
      const told = pending ? 0 : (found.retryAfter ?? 0);
      return { pendingSeconds: Math.max(pauseAfter(waited), told) };
    }

    const request = parseRequest({ ...invitation, emails: [found.email] });
    const caller = { door: 'hr-webhook', caller: source };
    const { invite: made, queued } = await enqueue(request, caller);
    const end = { invite: made.id, ...(queued && { generation: queued.generation }) };
    await records.settle(id, { status: 'invited', ...end }, at());
    return queued ? { queued } : { invite: made.id };
  };

  return {
    async make(id) {
      const record = await records.read(id);
      if (!record) throw noRecord();
      try {
        return await make(record);
      } catch (error) {
        if (error instanceof InviteError && !error.retryable && record.ask) {
          const { name, facts } = error;
          const invite = facts.id === undefined ? {} : { invite: facts.id };
          const end = { status: 'failed', error: { class: name, code: facts.code } } as const;
          await records.settle(id, { ...end, ...invite }, at());
        }
        throw error;
      }
    },

    async giveUp(id, name) {
      const error = { class: errorClassOf(name), code: GIVEN_UP };
      const isNew = await records.settle(id, { status: 'failed', error }, at());
      return isNew ? error.class : undefined;
    },
  };
};

/** Each pause as long as the wait so far, so that a late address is found within twice its delay. */
const pauseAfter = (waitedMs: number): number =>
  Math.min(Math.max(Math.ceil(waitedMs / 1000), FIRST_PAUSE_S), LONGEST_PAUSE_S);

const noRecord = () =>
  new InviteError('NotFound', {
    code: 'no_such_event',
    detail: 'there is no record of this event: it was erased',
  });

/** A record without its ask has ended already: a repeated step finds the same end. */
const ended = ({ status, error, invite }: EventRecord): InviteError => {
  const detail = `this event was dealt with already and is ${status}`;
  const settled = new InviteError('Conflict', { code: 'event_settled', detail, id: invite });
  // Its class says what stood in the way, and not how the event ended.
  if (!error || error.code === GIVEN_UP) return settled;
  return new InviteError(error.class, { code: error.code, detail, id: invite });
};

const noEmail = () =>
  new InviteError('NotFound', {
    code: 'no_email',
    detail:
      'the HR system had no e-mail address of this person within a day: enter it there, and invite the person by hand, or delete the record of the event and let the HR system send it again',
  });

const lookupFailed = ({ failed, retryable }: Extract<LookupResult, { failed: LookupFailure }>) => {
  if (retryable) {
    return new InviteError('SlackUnavailable', {
      code: 'lookup_unavailable',
      detail: `the HR system could not be asked for the address (${failed}), and nothing was sent; ask again after retry_after seconds`,
      retryAfter: 60,
    });
  }
  if (failed === 'bad_id') {
    return new InviteError('InvalidRequest', {
      code: 'invalid_request',
      detail:
        'the id of the person in the event cannot be asked for: it is empty, 0, a path, or too long',
    });
  }
  return new InviteError('Defect', {
    code: 'lookup_misconfigured',
    detail: `the HR system could not be asked for the address (${failed}): check the source's lookup and its credential`,
  });
};
