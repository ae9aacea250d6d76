import { createHash } from 'node:crypto';
import type { Reason } from '../errors/invite-error.ts';
import type { Abortable } from './invocation.ts';
import type { InviteRequest } from './request.ts';

/**
 * What an invite can be. `accepted`, `connected` and `declined` are Slack's own words for what
 * becomes of an invitation, see lifecycle/steps.ts; one reads as `expired` by the clock, see {@link asItReads}.
 */
export type Status =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'unknown'
  | 'failed'
  | 'cancelled'
  | 'already_in_channel'
  | 'accepted'
  | 'connected'
  | 'declined'
  | 'revoked'
  | 'expired';

/** The door that a request came through and, where the door knows, the caller. */
export type InviteSource = {
  door: string;
  caller?: string;
  /** The record of the HR system's event that it came from. */
  event?: string;
};

/** One person in one channel, however many requests name them. Times are ISO 8601, in UTC. */
export type Invite = {
  id: string;
  channel: string;
  /** The address or user id as it was given. */
  recipient: string;
  external_limited: boolean;
  status: Status;
  slack?: { invite_id: string; is_legacy_shared_channel: boolean };
  source: InviteSource;
  reference?: string;
  /** Calls to Slack that sent an invitation or may have; a `resend` carries the number seen. */
  attempts: number;
  /** Why the last call did not work out. */
  error?: Reason & { at: string };
  created_at: string;
  updated_at: string;
  /** Slack's invitations live 14 days, and an acceptance that awaits an approval has its own 14. */
  expires_at?: string;
  /** When the person accepted, and when the channel was connected; a connection implies the former. */
  accepted_at?: string;
  connected_at?: string;
  /** The id of the workspace that the person accepted in. */
  accepting_team?: string;
  /** By what the status is proved: the method, the type of Slack's event, or `clock`. */
  proved_by?: string;
  /** When it was told that the invitation ends soon. */
  reminded_at?: string;
  /** Of a queued one, as it reads: its place, 1 for the next, and when its turn is expected. */
  place?: number;
  expected_at?: string;
};

/** What everybody who needs to know is told; also the events' detail types, and one is told of a channel. */
export const DETAIL_TYPES = [
  'Invite Sent',
  'Invite Accepted',
  'Invite Connected',
  'Invite Declined',
  'Invite Revoked',
  'Invite Expiring',
  'Invite Expired',
  'Invite Failed',
  'Invite Cancelled',
  'Invite Unknown',
  'Channel Disconnected',
] as const;
export type DetailType = (typeof DETAIL_TYPES)[number];

/** One event, as it was when it happened: no address, and no name, is in it. Times are ISO 8601. */
export type Telling = { type: DetailType; at: string; detail: Readonly<Record<string, unknown>> };

/**
 * What waits for somebody: a queued request, an event that has not ended, an invite of which somebody
 * is to be told, an invitation that is out, by the time when it is to be looked at, and tasks that wait for
 * what becomes of an invite.
 */
export type DueKind = 'invite' | 'event' | 'untold' | 'ends' | 'wait';

/** The index of what waits, by the time of its last change. */
export type DueIndex = {
  /** @returns the ids of what has waited unchanged since `before` (epoch milliseconds), oldest first. */
  overdue(kind: DueKind, before: number, atMost: number, invocation: Abortable): Promise<string[]>;
  /** Notes that somebody is at work on it: it is overdue again only after another while. */
  touch(kind: DueKind, id: string, at: number, invocation: Abortable): Promise<void>;
  /** Takes what has ended out of the index, unless it was changed since `before`. */
  drop(kind: DueKind, id: string, before: number, invocation: Abortable): Promise<void>;
};

/** The lease of the one who is at work on the invite, until `until` (epoch milliseconds). */
export type Claim = { until: number };

/** What is kept of a request that waits for the workflow; its invite is `queued`. */
export type QueueEntry = {
  /** Which execution may carry it out. Grows with each one, and is never used again. */
  generation: number;
  /** When the wait began, in epoch milliseconds. */
  since: number;
  /** When the wait counts as over, in epoch milliseconds. */
  until: number;
  /** The time of its ticket in the lane, in epoch milliseconds; left out: it has none yet. */
  not_before?: number;
  resend?: number;
  /** The names of the caller: the policy is asked again when the turn comes. */
  caller?: readonly string[];
  /** The invite as it was before the request. */
  previous?: Invite;
};

/** An invite as it is kept. Without `invite` it is a claim on one that does not exist yet. */
export type StoredInvite = {
  id: string;
  /** Changes with every write: what a compare-and-swap compares. */
  revision: string;
  claim?: Claim;
  queue?: QueueEntry;
  /** Of the last request that has left the queue: no later one has the same. */
  generation?: number | undefined;
  invite?: Invite;
  /** What nobody could be told yet. */
  untold?: readonly Telling[] | undefined;
  /** The names of the caller, where the invitation may be sent again. */
  names?: readonly string[] | undefined;
  /** The `attempts` upon whose end the invitation is sent again; -1: it cannot be. Set once. */
  resend_of?: number | undefined;
  /** When the table may drop the item, in epoch seconds. */
  ttl: number;
};

/** The shape of every id, for telling an unknown one from an ill-formed one. */
export const INVITE_ID = /^inv1_[\w-]{32}$/;

/**
 * The same channel and recipient are the same invite, whichever door the request came through.
 * The id is a pseudonym: anyone who knows the channel and the address can compute it.
 */
export const inviteId = ({
  channel,
  recipient,
}: Pick<InviteRequest, 'channel' | 'recipient'>): string => {
  const subject = JSON.stringify([channel, recipient.kind, recipient.value.toLowerCase()]);
  return `inv1_${createHash('sha256').update(subject).digest('base64url').slice(0, 32)}`;
};

/**
 * The invite as it reads at a given time: a call that nobody is at work on any more has an unknown
 * outcome, and an invitation ends 14 days after the call; Slack sends no event for that.
 */
export const asItReads = (stored: StoredInvite | undefined, now: number): Invite | undefined => {
  if (!stored?.invite) return undefined;
  let { status } = stored.invite;
  if (status === 'sending' && !inForce(stored.claim, now)) status = 'unknown';
  if (CAN_EXPIRE.includes(status) && isOver(stored.invite, now)) status = 'expired';
  const ticket = status === 'queued' ? stored.queue?.not_before : undefined;
  const expected = ticket !== undefined && { expected_at: new Date(ticket).toISOString() };
  return { ...stored.invite, status, ...expected };
};

/** Whether an invitation that ended is to be sent again, and was not yet. */
export const isToResend = ({ invite, resend_of }: Pick<StoredInvite, 'invite' | 'resend_of'>) =>
  invite?.status === 'expired' && !invite.error && resend_of === invite.attempts;

/** What ends by the clock. */
export const CAN_EXPIRE: readonly Status[] = ['sent', 'unknown', 'accepted'];

/** Whether somebody is at work on the invite. */
export const inForce = (claim: Claim | undefined, now: number): boolean =>
  claim !== undefined && now < claim.until;

const isOver = ({ expires_at }: Invite, now: number) =>
  expires_at !== undefined && Date.parse(expires_at) <= now;

/** The table, as far as the ledger needs it. Reads are consistent. */
export type LedgerStore = {
  read(id: string, invocation: Abortable): Promise<StoredInvite | undefined>;
  /**
   * Replaces the item, provided that it still has the revision `expected` (`undefined`: that it
   * does not exist).
   * @returns whether it did.
   */
  write(item: StoredInvite, expected: string | undefined, invocation: Abortable): Promise<boolean>;
  /**
   * Forgets what an item was to tell, once it is told. An item that was changed meanwhile keeps it, and
   * it is told once more.
   */
  told?(item: StoredInvite, invocation: Abortable): Promise<void>;
  /** Removes the item under the same condition. */
  remove(id: string, expected: string, invocation: Abortable): Promise<boolean>;
};

/**
 * Who makes a request. The invite shows the `source`. The policy knows the caller by its `names`:
 *
 *     role/NAME  user/NAME                     IAM
 *     jwt/SUB  client/CLIENT_ID  group/NAME    a JWT
 *     source/NAME                              an HR source
 *     task                                     the task door
 */
export type Caller = { source: InviteSource; names: readonly string[] };

/** Anybody who may invoke the task function. Lambda does not say who did. */
export const TASK: Caller = { source: { door: 'invite-task' }, names: ['task'] };

/** An HR source, by its name in the configuration. @param event the id of the event's record. */
export const hrCaller = (source: string, event?: string): Caller => ({
  source: { door: 'hr-webhook', caller: source, ...(event !== undefined && { event }) },
  names: [`source/${source}`],
});

const FORMS: Record<string, string> = {
  role: 'role/NAME',
  user: 'user/NAME',
  jwt: 'jwt/SUB',
  client: 'client/CLIENT_ID',
  group: 'group/NAME',
  source: 'source/NAME',
  task: 'task',
};

/** In which forms a configuration can name a caller; not the names, since a name may be an address. */
export const formsOf = (names: readonly string[]): string => {
  const kinds = new Set(names.map((name) => name.split('/')[0] ?? ''));
  const forms = [...kinds].map((kind) => FORMS[kind] ?? kind);
  return forms.length === 0 ? 'role/NAME of a role that it takes on' : forms.join(' or ');
};
