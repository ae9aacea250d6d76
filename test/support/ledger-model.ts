import type { Status } from '../../functions/invites/invite.ts';
import type { Settlement } from '../../functions/invites/transitions.ts';
import { type Answer, type Column, type Row, TRANSITIONS } from './transition-table.ts';

const LIFETIME_MS = 14 * 86_400_000;

export type ModelRequest = { externalLimited: boolean; resend: number | undefined };
/** What a model's invite shows; the rest of an invite depends on no other door. */
export type Shown = { status: Status; attempts: number; externalLimited: boolean };
type Kept = Shown & { callEnds?: number };

/** A claim as its holder remembers it. */
export type ModelClaim = { ask: ModelRequest; until: number; previous: Kept | undefined };

/** The ledger of one invite, in memory and one step at a time: what the real one must agree with. */
export const createLedgerModel = () => {
  let kept: Kept | undefined;
  /** Whoever wrote last, and until when nobody else may. */
  let owner: ModelClaim | undefined;
  let busyUntil = 0;

  const shown = (now: number): Shown | undefined => {
    if (!kept) return undefined;
    const { status, attempts, externalLimited, callEnds = Number.POSITIVE_INFINITY } = kept;
    const settled = status === 'sending' && now >= busyUntil ? 'unknown' : status;
    const over = (settled === 'sent' || settled === 'unknown') && now >= callEnds;
    return { status: over ? 'expired' : settled, attempts, externalLimited };
  };

  const leave = (by: ModelClaim, left: Kept | undefined): boolean => {
    if (owner !== by) return false;
    kept = left;
    busyUntil = 0;
    return true;
  };

  return {
    shown,

    ask(ask: ModelRequest, now: number, until: number): { answer: Answer; claim: ModelClaim } {
      const claim = { ask, until, previous: kept };
      const answer =
        TRANSITIONS[now < busyUntil ? 'claimed' : rowOf(shown(now))][column(ask, kept)];
      if (answer === 'sends') {
        owner = claim;
        busyUntil = until;
      }
      return { answer, claim };
    },

    /** @returns whether the claim still was its holder's. */
    mark(claim: ModelClaim, now: number): boolean {
      if (owner !== claim || now >= claim.until) return false;
      const { ask, previous } = claim;
      kept = {
        status: 'sending',
        attempts: (previous?.attempts ?? 0) + 1,
        externalLimited: ask.externalLimited,
        callEnds: now + LIFETIME_MS,
      };
      return true;
    },

    /** @returns whether it could be recorded. */
    settle(claim: ModelClaim, marked: Shown, outcome: Settlement['status']): boolean {
      const { previous } = claim;
      if (outcome !== 'nothing') {
        if (outcome === 'already_in_channel') {
          return leave(claim, { ...marked, status: outcome, attempts: previous?.attempts ?? 0 });
        }
        const callEnds = kept?.callEnds;
        const ends = callEnds !== undefined;
        return leave(claim, { ...marked, status: outcome, ...(ends && { callEnds }) });
      }
      const stands = previous && previous.status !== 'failed';
      const attempts = previous?.attempts ?? 0;
      return leave(claim, stands ? previous : { ...marked, status: 'failed', attempts });
    },

    release: (claim: ModelClaim) => leave(claim, claim.previous),
  };
};

const rowOf = (invite: Shown | undefined): Row => invite?.status ?? 'none';

const column = ({ resend, externalLimited }: ModelRequest, kept: Kept | undefined): Column => {
  const attempts = kept?.attempts ?? 0;
  if (resend !== undefined && resend < attempts) return 'repeated resend';
  if (resend !== undefined) return resend > attempts ? 'resend ahead' : 'resend';
  return kept && kept.externalLimited !== externalLimited ? 'other terms' : 'again';
};
