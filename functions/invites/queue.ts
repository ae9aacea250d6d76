import { OWN_CODES } from '../errors/codes.ts';
import { InviteError, invalidFields, ownError, type Reason } from '../errors/invite-error.ts';
import { LEAST_QUEUE_LIFETIME_MS, POLICY_PATIENCE_MS, QUEUE_LIFETIME_MS } from '../lib/times.ts';
import {
  asItReads,
  type Caller,
  INVITE_ID,
  type Invite,
  inForce,
  type StoredInvite,
} from './invite.ts';
import type { InviteRequest } from './request.ts';
import { inProgress, outcomeUnknown, settle } from './transitions.ts';

/** Names one wait of one request: all that the workflow's input holds. */
export type QueueKey = { id: string; generation: number };

/** A queued request: what its item holds. */
export type QueuedInvite = Required<Pick<StoredInvite, 'invite' | 'queue'>>;

export const waitingOf = (stored: StoredInvite | undefined): QueuedInvite | undefined =>
  stored?.queue && stored.invite && { queue: stored.queue, invite: stored.invite };

/** The generation of the request that waits, or of the last one that did. */
export const lastGeneration = (stored: StoredInvite | undefined): number | undefined =>
  stored?.queue?.generation ?? stored?.generation;

/**
 * The next generation: the time, so that it grows even when the item before it is gone, as an
 * execution's name must not be used again for 90 days.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
const nextGeneration = (now: number, last = 0): number => Math.max(now, last + 1);

/** What the ledger keeps of a request that is to wait. @param now epoch milliseconds, as `until`. */
export const queuedInvite = (
  id: string,
  request: InviteRequest,
  { source, names }: Caller,
  before: StoredInvite | undefined,
  { now, until }: { now: number; until: number },
): QueuedInvite => {
  const previous = before?.invite;
  const { channel, recipient, external_limited, resend } = request;
  const at = new Date(now).toISOString();
  const reference = request.reference ?? previous?.reference;
  return {
    queue: {
      generation: nextGeneration(now, lastGeneration(before)),
      since: now,
      until,
      ...(resend !== undefined && { resend }),
      caller: names,
      ...(previous && { previous }),
    },
    invite: {
      id,
      channel,
      recipient: recipient.value,
      external_limited,
      status: 'queued',
      ...(previous?.slack && { slack: previous.slack }),
      source,
      ...(reference !== undefined && { reference }),
      attempts: previous?.attempts ?? 0,
      created_at: previous?.created_at ?? at,
      updated_at: at,
    },
  };
};

/**
 * The same request in the queue anew, because the execution of its generation is over. It has the rest
 * of its time: however often that happens, it ends.
 */
export const requeued = ({ invite, queue }: QueuedInvite, now: number): QueuedInvite => ({
  invite: { ...invite, updated_at: new Date(now).toISOString() },
  queue: { ...withoutTicket(queue), generation: nextGeneration(now, queue.generation) },
});

/** Another execution takes a ticket of its own. */
const withoutTicket = ({ not_before: _, ...queue }: QueuedInvite['queue']) => queue;

/**
 * The same request, sent again: its caller was promised as much as with the first one.
 * @returns undefined where its time suffices.
 */
export const renewed = (
  { invite, queue }: QueuedInvite,
  until: number,
): QueuedInvite | undefined =>
  until - queue.until > QUEUE_LIFETIME_MS - LEAST_QUEUE_LIFETIME_MS
    ? { invite, queue: { ...queue, until } }
    : undefined;

/** The queued request, as it was sent. */
export const requestOf = ({ invite, queue }: QueuedInvite): InviteRequest => {
  const { channel, recipient, external_limited, reference } = invite;
  const { resend } = queue;
  return {
    channel,
    recipient: { kind: recipient.includes('@') ? 'email' : 'user_id', value: recipient },
    external_limited,
    ...(resend !== undefined && { resend }),
    ...(reference !== undefined && { reference }),
  };
};

/**
 * The item as it stands: a request that nobody carried out in its time has certainly sent nothing,
 * and is no longer in the way of the next.
 */
export const asItStands = (
  stored: StoredInvite | undefined,
  now: number,
): StoredInvite | undefined => {
  if (!stored?.queue || !stored.invite || now < stored.queue.until) return stored;
  if (stored.claim && inForce(stored.claim, now)) return stored;
  const { queue, invite, claim: _, ...item } = stored;
  const error = { class: OWN_CODES.queue_lapsed.class, code: 'queue_lapsed' } as const;
  const at = new Date(queue.until).toISOString();
  return {
    ...item,
    generation: queue.generation,
    invite: settle(invite, queue.previous, { status: 'nothing', error }, at),
  };
};

/**
 * Decides what the workflow's turn leads to, given what the ledger holds.
 * @returns the invite if the person was invited already, or the request to call Slack for.
 * @throws InviteError the error that it ended with, or `Conflict` if the request is not in the queue
 *   under this generation any more: then another one answers for it.
 */
export const decideTurn = (
  stored: StoredInvite | undefined,
  generation: number,
  now: number,
): { existing: Invite } | { waiting: QueuedInvite } => {
  if (stored?.claim && inForce(stored.claim, now)) throw inProgress(stored.claim.until - now);
  if (lastGeneration(stored) !== generation) throw ownError('superseded');
  const waiting = waitingOf(stored);
  if (waiting) return { waiting };
  const invite = asItReads(stored, now);
  // It ended with an error, though an earlier invitation may stand. Only an unknown outcome is an
  // error and the invite's state at once.
  if (invite?.error && invite.error.class !== 'OutcomeUnknown') throw endedWith(invite.error);
  switch (invite?.status) {
    case 'sent':
    case 'accepted':
    case 'connected':
    case 'already_in_channel':
      return { existing: invite };
    case 'unknown':
      throw outcomeUnknown(invite);
    default:
      throw ownError('superseded');
  }
};

/** What a caller reads about the error of a request that has ended; records keep no detail. */
const ENDED = 'The invitation was not sent. The invite shows the error that it ended with.';

const endedWith = ({ class: errorClass, code }: Reason): InviteError => {
  const ended = new InviteError(errorClass, { code, detail: ENDED });
  // What can be tried again is not how this request ended: it has left the queue in another way.
  return ended.retryable ? ownError('superseded') : ended;
};

/** The name of the one execution for a wait: at most 80 characters, as Step Functions wants. */
export const inviteExecutionName = ({ id, generation }: QueueKey): string => `${id}-${generation}`;

/** What an execution gets: ids only, since its input can be read for as long as it is kept. */
export const inviteExecutionInput = ({ id, generation }: QueueKey): string =>
  JSON.stringify({ id, generation });

/** Reads what the workflow knows of a request. @throws InviteError `InvalidRequest` */
export const parseQueued = ({ id, generation, ...others }: Record<string, unknown>): QueueKey => {
  const errors = Object.keys(others).map((field) => ({
    field,
    detail: 'is unknown beside id and generation: leave it out',
  }));
  const isId = typeof id === 'string' && INVITE_ID.test(id);
  const isGeneration = Number.isSafeInteger(generation) && (generation as number) > 0;
  if (!isId) errors.push({ field: 'id', detail: 'must be the id of an invite' });
  if (!isGeneration) {
    errors.push({ field: 'generation', detail: 'must be the number that came with the id' });
  }
  if (!isId || !isGeneration || errors.length > 0) throw invalidFields(errors);
  return { id, generation: generation as number };
};

/**
 * A deploy moves one function after the other, so an event may meet a policy that is older than its rule.
 * A domain that is denied is not what a new rule is about.
 *
 * @param waitedMs since the event was recorded, or its request came into the queue.
 * @returns the refusal, or for some minutes an error that is tried again.
 */
export const unlessBehind = (error: unknown, waitedMs: number): unknown => {
  if (!(error instanceof InviteError) || error.name !== 'NotAllowed') return error;
  const { code, id } = error.facts;
  if (code === 'email_domain_denied' || waitedMs >= POLICY_PATIENCE_MS) return error;
  return ownError('policy_behind', { code }, { id });
};
