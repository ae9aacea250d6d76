// Longer than other files, because the rules for changing an invite are read as a whole.
import { randomUUID } from 'node:crypto';
import { OWN_CODES } from '../errors/codes.ts';
import type { Reason } from '../errors/invite-error.ts';
import { DAY_S, QUEUE_LIFETIME_MS } from '../lib/times.ts';
import { type HeldClaim, holdClaim } from './claim.ts';
import {
  asItReads,
  type Caller,
  type Invite,
  type InviteSource,
  inForce,
  inviteId,
  type LedgerStore,
  type QueueEntry,
  type StoredInvite,
  type Telling,
} from './invite.ts';
import type { Abortable, Invocation } from './invocation.ts';
import {
  asItStands,
  decideTurn,
  lastGeneration,
  type QueuedInvite,
  type QueueKey,
  queuedInvite,
  renewed,
  requestOf,
  requeued,
  waitingOf,
} from './queue.ts';
import type { InviteRequest } from './request.ts';
import { type Tell, tellingOfCall } from './telling.ts';
import { decide, decideCancel, inProgress, settle } from './transitions.ts';

export type Ledger = {
  read(id: string, invocation: Abortable): Promise<Invite | undefined>;
  /**
   * Looks what a request would come to, and changes nothing.
   * @returns the invite that there is, and whether it would be returned as it is.
   * @throws InviteError as {@link claim}.
   */
  foresee(
    request: InviteRequest,
    invocation: Abortable,
  ): Promise<{ existing: Invite | undefined; invite: Invite | undefined }>;
  /**
   * Claims the right to call Slack, until the invocation's lease ends.
   * @returns the claim, or the invite where nothing is to be sent.
   * @throws InviteError `InProgress`, `Conflict`, `OutcomeUnknown`.
   */
  claim(request: InviteRequest, invocation: Invocation): Promise<Claimed | { existing: Invite }>;
  /**
   * Claims the same right for a queued request.
   * @throws InviteError as {@link decideTurn}, and `InProgress`.
   */
  claimTurn(
    queued: QueueKey,
    invocation: Invocation,
  ): Promise<(Claimed & { waiting: QueuedInvite }) | { existing: Invite }>;
  /**
   * Puts a request into the queue, where it is not there yet and something is to be sent. A queued one
   * stays there for as long as if it were new.
   * @param until when the wait counts as over, in epoch milliseconds; left out: in 7 days.
   * @returns the invite, and `queued` where it waits.
   * @throws InviteError `InProgress`, `Conflict`, `OutcomeUnknown`.
   */
  enqueue(
    request: InviteRequest,
    caller: Caller,
    invocation: Abortable,
    until?: number,
  ): Promise<EnqueueResult>;
  /**
   * Puts a queued request into the queue anew, under the next generation, if it still waits under
   * this one.
   * @throws InviteError `InProgress`
   */
  enqueueAgain(queued: QueueKey, invocation: Abortable): Promise<EnqueueResult>;
  /**
   * Ends a request whose time in the queue is over: its invite shows it from then on anyway.
   * @returns the one that still waits under this id, who put it into the queue, and since when it waits,
   *   in epoch milliseconds.
   */
  waiting(
    id: string,
    invocation: Abortable,
  ): Promise<{ queued: QueueKey; source: InviteSource; since: number } | undefined>;
  /**
   * Takes a request that nobody will carry out from the queue; the invite shows why.
   * @param leftMs one that may wait for longer stays, in milliseconds.
   * @returns since when it had waited, in epoch milliseconds, if it did until now.
   * @throws InviteError `InProgress`
   */
  giveUp(
    queued: QueueKey,
    error: Reason,
    invocation: Abortable,
    leftMs?: number,
  ): Promise<number | undefined>;
  /**
   * Takes a request from the queue because somebody does not want it any more. Twice is once.
   * @returns the invite: `cancelled`, or as it was before a resend, where an invitation is out.
   * @throws InviteError `InProgress` once it is claimed, `Conflict` if nothing waits.
   */
  cancel(id: string, invocation: Abortable): Promise<Invite>;
};

type Claimed = { claim: HeldClaim };
/** @property isNew whether this call has put it there: nobody can have started it yet. */
export type EnqueueResult = { invite: Invite; queued?: QueueKey; isNew?: true };
type Content = Omit<StoredInvite, 'id' | 'revision'>;

/** How often a change that loses a race looks again at what the winner left. */
const MAX_RACES = 3;

/**
 * The ledger: one item an invite, every change a compare-and-swap on its revision. It keeps two
 * doors, a crash or a retry from sending twice, and from losing a request:
 *
 *     queued ─┐ (the workflow's turn)
 *             ▼
 * request ▶ claim ───────▶ sending ──▶ Slack ──▶ settle
 *             │ refused      └─ crash: reads as unknown when the lease is over
 *             ▼
 *          release           crash before sending: the claim lapses, the invite is what it was
 *
 * @param retentionDays how long an item is kept after its last change.
 * @param now epoch milliseconds.
 * @param tell where somebody is to be told what becomes of requests.
 */
export const createLedger = (
  store: LedgerStore,
  retentionDays: number,
  now: () => number = Date.now,
  tell?: Tell,
): Ledger => {
  const inDays = (days: number) => Math.ceil(now() / 1000) + days * DAY_S;
  const find = async (id: string, invocation: Abortable) =>
    asItStands(await store.read(id, invocation), now());

  /**
   * Looks, decides, and writes unless there is an answer already or somebody was faster.
   * @param isNew whether there is probably nothing yet: then it is looked for only if the write says
   *   otherwise.
   */
  const change = async <Written extends Content, Answer>(
    id: string,
    invocation: Abortable,
    next: (stored: StoredInvite | undefined) => { content: Written } | { answer: Answer },
    isNew = false,
  ): Promise<{ item: StoredInvite & Written } | { answer: Answer }> => {
    let stored = isNew ? undefined : await find(id, invocation);
    for (let race = isNew ? -1 : 0; race < MAX_RACES; race += 1) {
      const decided = next(stored);
      if ('answer' in decided) return decided;
      const generation = stored && lastGeneration(stored);
      const { untold, names, resend_of } = stored ?? {};
      const kept = { id, revision: randomUUID(), generation, untold, names, resend_of };
      const item = { ...kept, ...decided.content };
      if (await store.write(item, stored?.revision, invocation)) return { item };
      stored = await find(id, invocation);
      // A write whose answer was lost is repeated, and finds what it wrote.
      if (stored?.revision === item.revision) return { item };
    }
    throw inProgress(0);
  };

  const claimWith = <Kept extends Pick<Content, 'queue' | 'invite'>>(
    kept: Kept,
    { leaseUntil }: Invocation,
  ) => ({
    content: {
      ...kept,
      claim: { until: leaseUntil },
      // TTL removes a lapsed claim on an invite that never came to be.
      ttl: inDays(kept.invite ? retentionDays : 1),
    },
  });
  const hold = (item: StoredInvite, request: InviteRequest, invocation: Abortable) =>
    holdClaim(store, item, { request, tell, invocation, now, ttl: () => inDays(retentionDays) });
  /** @throws InviteError `InProgress` while somebody else is at work on it. */
  const assertFree = (stored: StoredInvite | undefined) => {
    if (stored?.claim && inForce(stored.claim, now())) {
      throw inProgress(stored.claim.until - now());
    }
  };

  /** What is to be told of a request that ended without a call, beside what is untold. */
  const withNews = (stored: StoredInvite | undefined, news: Telling[]) =>
    tell && { untold: [...(stored?.untold ?? []), ...news] };
  const failed = (stored: StoredInvite | undefined, invite: Invite) =>
    withNews(stored, tellingOfCall('nothing', invite));
  /** Tells what an item holds; where this dies or fails, the sweep does it. */
  const report = async (item: StoredInvite, invocation: Abortable) => {
    if (item.untold && (await tell?.(item.untold, invocation)))
      await store.told?.(item, invocation);
  };

  const wait = (waiting: QueuedInvite) => ({ content: { ...waiting, ttl: inDays(retentionDays) } });
  const enqueued = (id: string, invite: Invite, queue: QueueEntry | undefined): EnqueueResult => ({
    invite,
    ...(queue && { queued: { id, generation: queue.generation } }),
  });

  return {
    read: async (id, invocation) => asItReads(await find(id, invocation), now()),

    async foresee(request, invocation) {
      const stored = await find(inviteId(request), invocation);
      const existing = decide(stored, request, now());
      return { existing, invite: existing ?? asItReads(stored, now()) };
    },

    async claim(request, invocation) {
      const next = (stored: StoredInvite | undefined) => {
        const existing = decide(stored, request, now());
        if (existing) return { answer: existing };
        return claimWith({ ...(stored?.invite && { invite: stored.invite }) }, invocation);
      };
      const changed = await change(inviteId(request), invocation, next, isProbablyNew(request));
      if ('answer' in changed) return { existing: changed.answer };
      return { claim: hold(changed.item, request, invocation) };
    },

    async claimTurn({ id, generation }, invocation) {
      const changed = await change(id, invocation, (stored) => {
        const decided = decideTurn(stored, generation, now());
        return 'existing' in decided
          ? { answer: decided.existing }
          : claimWith(decided.waiting, invocation);
      });
      if ('answer' in changed) return { existing: changed.answer };
      const { item } = changed;
      return { claim: hold(item, requestOf(item), invocation), waiting: item };
    },

    async enqueue(request, caller, invocation, until = now() + QUEUE_LIFETIME_MS) {
      const id = inviteId(request);
      let isNew = false as boolean; // set while it is written
      const next = (stored: StoredInvite | undefined) => {
        const existing = decide(stored, request, now());
        isNew = existing === undefined;
        const times = { now: now(), until };
        if (!existing) return wait(queuedInvite(id, request, caller, stored, times));
        if (existing.status !== 'queued') return { answer: { invite: existing } };
        const waiting = waitingOf(stored);
        const longer = waiting && renewed(waiting, until);
        return longer ? wait(longer) : { answer: enqueued(id, existing, stored?.queue) };
      };
      const changed = await change(id, invocation, next, isProbablyNew(request));
      if ('answer' in changed) return changed.answer;
      const { invite, queue } = changed.item;
      return { ...enqueued(id, invite, queue), ...(isNew && { isNew: true as const }) };
    },

    async enqueueAgain({ id, generation }, invocation) {
      const changed = await change(id, invocation, (stored) => {
        assertFree(stored);
        const waiting = waitingOf(stored);
        if (waiting?.queue.generation === generation) return wait(requeued(waiting, now()));
        const invite = asItReads(stored, now());
        if (!invite) throw inProgress(0); // erased meanwhile: the next request begins anew
        return { answer: enqueued(id, invite, stored?.queue) };
      });
      if ('answer' in changed) return changed.answer;
      return enqueued(id, changed.item.invite, changed.item.queue);
    },

    async waiting(id, invocation) {
      const stored = await store.read(id, invocation);
      const stands = asItStands(stored, now());
      if (stands && stands !== stored) {
        const news = stands.invite && failed(stands, stands.invite);
        const item = { ...stands, ...news, revision: randomUUID(), ttl: inDays(retentionDays) };
        if (await store.write(item, stands.revision, invocation)) await report(item, invocation);
      }
      const waiting = waitingOf(stands);
      if (!waiting) return undefined;
      const { queue, invite } = waiting;
      const { generation, since } = queue;
      return { queued: { id, generation }, source: invite.source, since };
    },

    async giveUp({ id, generation }, error, invocation, leftMs = Number.POSITIVE_INFINITY) {
      let since: number | undefined;
      const changed = await change(id, invocation, (stored) => {
        assertFree(stored);
        const waiting = waitingOf(stored);
        if (waiting?.queue.generation !== generation) return { answer: undefined };
        const { queue, invite } = waiting;
        if (queue.until - now() > leftMs) return { answer: undefined };
        since = queue.since;
        const at = new Date(now()).toISOString();
        const ended = settle(invite, queue.previous, { status: 'nothing', error }, at);
        const news = failed(stored, ended);
        return { content: { generation, invite: ended, ...news, ttl: inDays(retentionDays) } };
      });
      if ('item' in changed) await report(changed.item, invocation);
      return since;
    },

    async cancel(id, invocation) {
      const changed = await change(id, invocation, (stored) => {
        assertFree(stored);
        const waiting = waitingOf(stored);
        if (!waiting) return { answer: decideCancel(asItReads(stored, now())) };
        const { queue, invite } = waiting;
        const error = { class: OWN_CODES.cancelled.class, code: 'cancelled' } as const;
        const at = new Date(now()).toISOString();
        const ended = settle(invite, queue.previous, { status: 'cancelled', error }, at);
        const { generation } = queue;
        const news = withNews(stored, tellingOfCall('cancelled', ended));
        return { content: { generation, invite: ended, ...news, ttl: inDays(retentionDays) } };
      });
      if ('item' in changed) await report(changed.item, invocation);
      return 'answer' in changed ? changed.answer : changed.item.invite;
    },
  };
};

/** A resend names what its caller saw of an invite. */
const isProbablyNew = ({ resend }: InviteRequest): boolean => resend === undefined;
