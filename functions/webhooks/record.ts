import { createHash } from 'node:crypto';
import { ERROR_CLASSES } from '../errors/classes.ts';
import { invalidFields, isMendable, type Reason } from '../errors/invite-error.ts';
import type { Abortable } from '../invites/invocation.ts';
import { QUEUE_LIFETIME_MS } from '../lib/times.ts';
import type { WebhookEvent } from './events.ts';
import type { RuleMatch } from './rules.ts';

/**
 * What has become of an event that a rule took. `received`: it has come to no request yet, since the workflow
 * has not looked at it, cannot reach the HR system, or waits for an operator or a newer policy.
 * `pending_email`: the HR system knows no address of the person yet. `queued`: the invitation waits in
 * the queue. It ends as its invite ends: `sent` once Slack has taken it, or `failed`.
 */
type RecordStatus = 'received' | 'pending_email' | 'queued' | 'sent' | 'failed';

/** One event, as one rule took it. Times are ISO 8601, in UTC. */
export type EventRecord = {
  id: string;
  source: string;
  rule: number;
  status: RecordStatus;
  /** Whether the workflow was started: only then the event counts as seen. */
  started: boolean;
  /** The invitation of the rule, while it may be needed: it may hold the address. */
  invitation?: Omit<RuleMatch, 'rule'>;
  /** The invite's id, and the generation of its wait in the queue. */
  invite?: string;
  generation?: number;
  error?: Reason;
  /** When the workflow that is at work on it was recorded: an event may begin anew. */
  received_at: string;
  updated_at: string;
  /** Until when it is tried. Later nobody starts it any more; records of before have none. */
  until?: string;
};

/** @returns until when an event is tried, in epoch milliseconds. */
export const untilOf = ({ received_at, until }: EventRecord): number =>
  until === undefined ? Date.parse(received_at) + QUEUE_LIFETIME_MS : Date.parse(until);

/** The table, as far as records need it. Reads are consistent. */
export type RecordStore = {
  read(id: string, invocation: Abortable): Promise<EventRecord | undefined>;
  /**
   * Adds a record, provided that there is none with its id, or that the one there is still is the one
   * to be replaced: an event that has ended meanwhile does not begin anew.
   * @returns whether it did.
   */
  add(
    record: EventRecord,
    replacing: Pick<EventRecord, 'received_at' | 'status'> | undefined,
    invocation: Abortable,
  ): Promise<boolean>;
  /** Keeps a record for as long as if it were written now. */
  keepOn(record: Named, invocation: Abortable): Promise<void>;
  /** Marks the record as started, unless a record received at another time has replaced it. */
  markStarted(record: Named, at: string, invocation: Abortable): Promise<void>;
  /**
   * Notes what became of it, and deletes the invitation, unless it may be needed: with `pending_email`,
   * and where the event can begin anew. An event that has ended stays as it is.
   * @returns whether it was noted.
   */
  settle(id: string, end: RecordEnd, at: string, invocation: Abortable): Promise<boolean>;
};

export type RecordEnd =
  | { status: 'pending_email' }
  | { status: 'queued'; invite: string; generation?: number }
  | { status: 'sent'; invite?: string }
  | { status: 'failed'; error: Reason; invite?: string };

/** @returns whether the event has not ended yet. */
export const isOpen = ({ status }: Pick<EventRecord, 'status'>): boolean =>
  status !== 'sent' && status !== 'failed';

/**
 * Whether the event ended for another reason than its content: its time was over, or a service away. Its
 * record keeps the invitation then, for the next beginning.
 */
export const canBeginAnew = ({ error }: Pick<EventRecord, 'error'>): boolean =>
  error !== undefined &&
  (ERROR_CLASSES[error.class].retryable || isMendable(error) || error.code === 'given_up');

/** The shape of every id. */
export const RECORD_ID = /^evt1_[\w-]{32}$/;

/**
 * The same event, taken by the same rule of the same source for the same person, is the same record.
 *
 * @param person the address, or the id to look it up by: senders give several people's events one id.
 */
export const recordId = (
  source: string,
  { id }: Pick<WebhookEvent, 'id'>,
  rule: number,
  person: string,
): string => {
  const subject = JSON.stringify([source, id, rule, person]);
  return `evt1_${createHash('sha256').update(subject).digest('base64url').slice(0, 32)}`;
};

type Named = Pick<EventRecord, 'id' | 'received_at'>;

/** The name of the one execution for a record: at most 80 characters, as Step Functions wants. */
export const eventExecutionName = ({ id, received_at }: Named): string =>
  `${id}-${Date.parse(received_at)}`;

/** What that execution gets: an id only. */
export const eventExecutionInput = ({ id }: Named): string => JSON.stringify({ event: id });

/** What the workflow wants of an event: an invitation, or that it notes how that ended. */
export type EventTask = {
  event: string;
  /** The invite has ended: the event ends as it did. */
  ended?: boolean;
  /** The name of the error that there will be none for. */
  givenUp?: string;
};

/** @param input `{"event": id}`, and `"ended": true` or `"give_up": name of an error`. @throws InviteError `InvalidRequest` */
export const parseEventTask = (input: unknown): EventTask => {
  const { event, ended, give_up: error } = { ...(input as Record<string, unknown>) };
  if (typeof event !== 'string' || !RECORD_ID.test(event)) {
    throw invalidFields([{ field: 'event', detail: 'must be the id of an event record' }]);
  }
  if (ended === true) return { event, ended };
  if (error === undefined) return { event };
  if (typeof error !== 'string') {
    throw invalidFields([{ field: 'give_up', detail: 'must be the name of an error' }]);
  }
  return { event, givenUp: error };
};
