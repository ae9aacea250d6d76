import { randomUUID } from 'node:crypto';
import { ERROR_CLASSES, type ErrorClass } from '../errors/classes.ts';
import { InviteError, isMendable, type Reason, reasonOf } from '../errors/invite-error.ts';
import { INVITE_LIFETIME_MS } from '../lib/times.ts';
import type { Invite, InviteSource, LedgerStore, QueueEntry, StoredInvite } from './invite.ts';
import type { Abortable } from './invocation.ts';
import type { InviteRequest } from './request.ts';
import { type Tell, tellingOfCall } from './telling.ts';
import { inProgress, type Settlement, settle } from './transitions.ts';

/** The exclusive right to call Slack for one invite, until its lease ends. */
export type HeldClaim = {
  /** Whether there was no invite yet. */
  isNew: boolean;
  /** Marks the invite, right before the call. @throws InviteError `InProgress` if the claim is lost. */
  sending(source: InviteSource, names?: readonly string[]): Promise<Invite>;
  /**
   * Records what came of the call, or of a queued request that came to no call, and gives the
   * claim up. A queued request stays there if nothing was sent and a retry can help. Never
   * throws for the table: what came of the call is true whether or not it could be recorded.
   * @returns the invite as it is now, and why the ledger does not know of it, if so: it then reads as
   *   `unknown` when the lease is over.
   */
  settle(outcome: Settlement): Promise<{ invite: Invite; unrecorded?: string }>;
  /**
   * Gives the claim up before the call: the invite is what it was before, and a new one does not
   * exist. A queued request leaves the queue if a retry cannot help, and shows the reason.
   * @param reason what the request ends with; a queued one that only waits on shows nothing of it.
   */
  release(reason?: unknown): Promise<void>;
};

type Terms = {
  request: InviteRequest;
  /** Where somebody is to be told. */
  tell?: Tell | undefined;
  invocation: Abortable;
  /** Epoch milliseconds. */
  now(): number;
  /** When an item written now may go, in epoch seconds. */
  ttl(): number;
};

/** @param claimed the item that this claim has just written. */
export const holdClaim = (
  store: LedgerStore,
  claimed: StoredInvite,
  { request, tell, invocation, now, ttl }: Terms,
): HeldClaim => {
  const { id, claim, queue, generation, invite: before } = claimed;
  // What stood before the request that this claim carries out.
  const previous = queue ? queue.previous : before;
  const mine = [claimed.revision];
  let marked: Invite | undefined;
  let { untold, names } = claimed;

  /**
   * Applies a write to the newest item that this claim wrote itself. A write whose answer was lost
   * may have landed, and AWS's client repeats it: then the revision found is the one to be written.
   * @returns false if another claim has taken over.
   */
  const swap = async (
    write: (expected: string) => Promise<boolean>,
    revision?: string,
  ): Promise<boolean> => {
    const expected = mine.at(-1) as string;
    if (revision) mine.push(revision);
    if (await write(expected)) return true;
    const found = (await store.read(id, invocation))?.revision;
    if (found === revision) return true;
    return found !== undefined && mine.includes(found) && write(found);
  };

  const put = (content: Pick<StoredInvite, 'claim' | 'queue' | 'invite'>): Promise<boolean> => {
    const { resend_of } = claimed;
    const kept = { id, revision: randomUUID(), ttl: ttl(), generation, untold, names, resend_of };
    const item = { ...kept, ...content };
    return swap((expected) => store.write(item, expected, invocation), item.revision);
  };

  const record = async (content: { queue?: QueueEntry; invite: Invite }) => {
    const { invite } = content;
    try {
      if (await put(content)) return { invite };
      // Slack's event about this very call may have been faster than its answer.
      const found = (await store.read(id, invocation))?.invite;
      const isSettled = found?.proved_by !== undefined && found.attempts === marked?.attempts;
      return isSettled ? { invite: found } : { invite, unrecorded: 'claim_lost' };
    } catch (error) {
      return { invite, unrecorded: reasonOf(error).code };
    }
  };

  /** Tells first: should this die in between, the invite reads as unknown, and that is told. */
  const over = async (called: Invite, outcome: Settlement) => {
    const invite = settle(called, previous, outcome, new Date(now()).toISOString());
    const news = tell ? tellingOfCall(outcome.status, invite) : [];
    if (tell && news.length > 0 && !(await tell(news, invocation))) {
      untold = [...(untold ?? []), ...news];
    }
    return record({ invite });
  };

  /** A queued request stays there if a retry can help, and shows why it still waits. */
  const notSent = (called: Invite, error: Reason) => {
    const waits = queue && before && (ERROR_CLASSES[error.class].retryable || isMendable(error));
    if (!waits) return over(called, { status: 'nothing', error });
    const at = new Date(now()).toISOString();
    return record({ queue, invite: { ...before, error: { ...error, at }, updated_at: at } });
  };

  return {
    isNew: before === undefined,

    async sending(source, caller) {
      if (tell && caller) names = caller;
      const began = now();
      if (!claim || began >= claim.until) throw inProgress(0);
      const at = new Date(began).toISOString();
      const reference = request.reference ?? previous?.reference;
      marked = {
        id,
        channel: request.channel,
        recipient: request.recipient.value,
        external_limited: request.external_limited,
        status: 'sending',
        ...(previous?.slack && { slack: previous.slack }),
        source,
        ...(reference !== undefined && { reference }),
        attempts: (previous?.attempts ?? 0) + 1,
        created_at: before?.created_at ?? at,
        updated_at: at,
        expires_at: new Date(began + INVITE_LIFETIME_MS).toISOString(),
      };
      if (!(await put({ claim, invite: marked }))) throw inProgress(0);
      return marked;
    },

    async settle(outcome) {
      if (!marked) throw new Error('a claim is settled only after it was marked as sending');
      return outcome.status === 'nothing' ? notSent(marked, outcome.error) : over(marked, outcome);
    },

    async release(reason) {
      if (!before) await swap((expected) => store.remove(id, expected, invocation));
      else if (!queue || reason === undefined || isWait(reason)) {
        await put({ invite: before, ...(queue && { queue }) });
      } else await notSent(before, reasonOf(reason));
    },
  };
};

/** To wait for a place, for somebody else or behind a block is what a queue is for: nothing to show. */
const isWait = (reason: unknown): boolean =>
  reason instanceof InviteError && WAITS.includes(reason.name);

const WAITS: readonly ErrorClass[] = ['RateLimited', 'InProgress', 'Blocked'];
