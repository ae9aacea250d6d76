import { randomUUID } from 'node:crypto';
import { type HeldClaim, holdClaim } from './claim.ts';
import { asItReads, type Invite, inviteId, type StoredInvite } from './invite.ts';
import type { InviteRequest } from './request.ts';
import { decide, inProgress } from './transitions.ts';

/** The table, as far as the ledger needs it. Reads are consistent. */
export type LedgerStore = {
  read(id: string): Promise<StoredInvite | undefined>;
  /**
   * Replaces the item, provided that it still has the revision `expected` (`undefined`: that it
   * does not exist).
   * @returns whether it did.
   */
  write(item: StoredInvite, expected: string | undefined): Promise<boolean>;
  /** Removes the item under the same condition. */
  remove(id: string, expected: string): Promise<boolean>;
};

export type Ledger = {
  read(id: string): Promise<Invite | undefined>;
  /**
   * Asks for the right to call Slack.
   * @param until when the lease ends, in epoch milliseconds.
   * @returns the claim, or the invite where nothing is to be sent.
   * @throws InviteError `InProgress`, `Conflict`, `OutcomeUnknown`.
   */
  claim(
    request: InviteRequest,
    until: number,
  ): Promise<{ claim: HeldClaim } | { existing: Invite }>;
};

const DAY_S = 86_400;
/** How often a claim that loses a race looks again at what the winner left. */
const MAX_RACES = 3;

/**
 * The ledger: one item an invite, every change a compare-and-swap on its revision. It keeps two
 * doors, a crash or a retry from sending twice, and from losing an ask:
 *
 *     claim ─────────▶ sending ──▶ Slack ──▶ settle
 *       │ refused        └─ crash: reads as unknown when the lease is over
 *       ▼
 *     release            crash before sending: the claim lapses, the invite is what it was
 *
 * @param retentionDays how long an item is kept after its last change.
 * @param now epoch milliseconds.
 */
export const createLedger = (
  store: LedgerStore,
  retentionDays: number,
  now: () => number = Date.now,
): Ledger => {
  const inDays = (days: number) => Math.ceil(now() / 1000) + days * DAY_S;

  return {
    read: async (id) => asItReads(await store.read(id), now()),

    async claim(request, until) {
      const id = inviteId(request);
      for (let race = 0; race < MAX_RACES; race += 1) {
        const stored = await store.read(id);
        const existing = decide(stored, request, now());
        if (existing) return { existing };
        const item: StoredInvite = {
          id,
          revision: randomUUID(),
          claim: { until },
          ...(stored?.invite && { invite: stored.invite }),
          // A lapsed claim on an invite that never came to be leaves by itself.
          ttl: inDays(stored?.invite ? retentionDays : 1),
        };
        const won =
          (await store.write(item, stored?.revision)) ||
          (await store.read(id))?.revision === item.revision;
        if (won)
          return { claim: holdClaim(store, item, request, now, () => inDays(retentionDays)) };
      }
      throw inProgress(0);
    },
  };
};
