import { randomUUID } from 'node:crypto';
import { OWN_CODES } from '../errors/codes.ts';
import { InviteError, type Reason, reasonOf } from '../errors/invite-error.ts';
import {
  asItReads,
  type DueIndex,
  type Invite,
  inForce,
  isToResend,
  type LedgerStore,
  type StoredInvite,
  type Telling,
} from '../invites/invite.ts';
import type { Invocation } from '../invites/invocation.ts';
import { type Tell, tellingOf } from '../invites/telling.ts';
import { inParallel } from '../lib/async.ts';
import { DAY_MS, DAY_S, UNTOLD_MS } from '../lib/times.ts';

type ClockSweepPorts = {
  due: Pick<DueIndex, 'overdue'>;
  ledger: LedgerStore;
  tell: Tell;
  /** 0: nobody is reminded. */
  remindBeforeDays: number;
  retentionDays: number;
  /**
   * Puts an invitation that ended into the queue once more, where that is wanted. To do so twice is to
   * do it once. @throws InviteError
   */
  resend?: ((expired: StoredInvite, invocation: Invocation) => Promise<unknown>) | undefined;
  now: () => number;
};

/** How many were told of late, of an end that is near, and of an end. */
export type ClockSwept = { told: number; reminded: number; ended: number; failed: Reason[] };

/** Invites that are looked at in one run, of each kind. */
const AT_MOST = 200;
const AT_ONCE = 4;

/**
 * What time does to invitations, since Slack says nothing of it: those whose end is near, and those that
 * ended, are told once each. And what could not be told when it happened is told now.
 */
export const createClockSweep = (ports: ClockSweepPorts) => {
  const { due, ledger, tell, remindBeforeDays, retentionDays, resend, now } = ports;

  const tellAll = async (stored: StoredInvite, invocation: Invocation): Promise<boolean> => {
    const { untold = [] } = stored;
    if (untold.length > 0 && !(await tell(untold, invocation))) return false;
    await ledger.told?.(stored, invocation);
    return true;
  };

  /** What the time makes of an invite, and what is told of it; without news it is only filed anew. */
  const next = (stored: StoredInvite, invite: Invite): { invite: Invite; news?: Telling } => {
    const at = new Date(now()).toISOString();
    const { status } = asItReads(stored, now()) as Invite;
    if (status === 'unknown' && invite.status === 'sending') {
      const { class: errorClass } = OWN_CODES.outcome_unknown;
      const error = { class: errorClass, code: 'outcome_unknown' as const, at };
      const unknown: Invite = { ...invite, status, error, updated_at: at };
      return { invite: unknown, news: tellingOf('Invite Unknown', unknown) };
    }
    if (status === 'expired' && invite.status !== 'expired') {
      const expired: Invite = { ...invite, status, proved_by: 'clock', updated_at: at };
      return { invite: expired, news: tellingOf('Invite Expired', expired) };
    }
    const { expires_at, reminded_at } = invite;
    const isOpen = status === 'sent' || status === 'accepted';
    const reminds = isOpen && remindBeforeDays > 0 && !reminded_at && expires_at !== undefined;
    if (!reminds || Date.parse(expires_at) - remindBeforeDays * DAY_MS > now()) return { invite };
    const reminded: Invite = { ...invite, reminded_at: at };
    return { invite: reminded, news: { ...tellingOf('Invite Expiring', reminded), at } };
  };

  /** Once in the life of an invite, however often it ends. Who wants a link would not get it. */
  const first = ({ resend_of }: StoredInvite, { attempts, external_limited }: Invite) =>
    resend && resend_of === undefined && external_limited ? { resend_of: attempts } : {};

  const again = async (stored: StoredInvite, invocation: Invocation) => {
    try {
      await resend?.(stored, invocation);
    } catch (error) {
      if (!(error instanceof InviteError) || error.retryable) throw error;
      const { untold: _, ...item } = { ...stored, resend_of: -1, revision: randomUUID() };
      await ledger.write(item, stored.revision, invocation);
      throw error;
    }
  };

  const look = async (id: string, swept: ClockSwept, invocation: Invocation) => {
    const stored = await ledger.read(id, invocation);
    if (!stored?.invite || stored.queue || (stored.claim && inForce(stored.claim, now()))) return;
    if (isToResend(stored)) return again(stored, invocation);
    const { claim: _, ...free } = stored;
    const { invite, news } = next(stored, stored.invite);
    const item: StoredInvite = {
      ...free,
      invite,
      untold: [...(stored.untold ?? []), ...(news ? [news] : [])],
      ...(news?.type === 'Invite Expired' && first(stored, invite)),
      revision: randomUUID(),
      ttl: news ? Math.ceil(now() / 1000) + retentionDays * DAY_S : stored.ttl,
    };
    // Somebody who was faster has filed it anew.
    if (!(await ledger.write(item, stored.revision, invocation)) || !news) return;
    swept[news.type === 'Invite Expiring' ? 'reminded' : 'ended'] += 1;
    await tellAll(item, invocation);
    if (isToResend(item)) await again(item, invocation);
  };

  return async (invocation: Invocation): Promise<ClockSwept> => {
    const swept: ClockSwept = { told: 0, reminded: 0, ended: 0, failed: [] };
    const each = (ids: string[], act: (id: string) => Promise<void>) =>
      inParallel(ids, AT_ONCE, async (id) => {
        if (Date.now() > invocation.deadline) return;
        await act(id).catch((error: unknown) => void swept.failed.push(reasonOf(error)));
      });
    const late = await due.overdue('untold', now() - UNTOLD_MS, AT_MOST, invocation);
    await each(late, async (id) => {
      const stored = await ledger.read(id, invocation);
      if (stored && (await tellAll(stored, invocation))) swept.told += 1;
    });
    const ending = await due.overdue('ends', now(), AT_MOST, invocation);
    await each(ending, (id) => look(id, swept, invocation));
    return swept;
  };
};
