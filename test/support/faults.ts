import { InviteError, ownError } from '../../functions/errors/invite-error.ts';
import type { LedgerStore } from '../../functions/invites/invite.ts';

/**
 * What can befall one access to the table. `repeated`: the answer was lost, the SDK asked again and
 * met its own write. `lost`: every answer was lost. `late`: the access was given up, and carried out
 * afterwards. `failed`: the table did nothing. The function may die `before` or `after` the table
 * did it: no access of it gets through from then on.
 */
export const FAULTS = ['repeated', 'lost', 'late', 'failed', 'dies before', 'dies after'] as const;
export type Fault = (typeof FAULTS)[number];
/** What befalls the accesses of one function, by their number from 0 on. */
export type Faults = Partial<Record<number, Fault>>;
/** Has something done when nobody waits for it any more. */
export type Later = (act: () => Promise<unknown>) => void;

/** The end of a function's process: nothing that it would have done later happens. */
export class Death extends Error {}

const unavailable = () => ownError('table_unavailable', { reason: 'Error' });

/** What one function has access to. */
export const faultyAccess = (faults: Faults, later: Later = () => {}) => {
  let accesses = 0;
  let dead = false;

  return {
    access: async <T>(carryOut: () => Promise<T>): Promise<T> => {
      const fault = faults[accesses];
      accesses += 1;
      if (fault === 'dies before') dead = true;
      if (dead) throw new Death();
      if (fault === 'late') later(carryOut);
      if (fault === 'failed' || fault === 'late') throw unavailable();
      const answer = await carryOut();
      if (fault === 'repeated') return carryOut();
      if (fault === 'lost') throw unavailable();
      if (fault === 'dies after') {
        dead = true;
        throw new Death();
      }
      return answer;
    },
    /** Whether the function has died, even if nothing of that got out of it. */
    isDead: () => dead,
  };
};

/** A ledger's store as one function sees it; the parameters are those of {@link faultyAccess}. */
export const faultyStore = (store: LedgerStore, ...faults: Parameters<typeof faultyAccess>) => {
  const { access, isDead } = faultyAccess(...faults);
  return {
    read: (...args) => access(() => store.read(...args)),
    write: (...args) => access(() => store.write(...args)),
    remove: (...args) => access(() => store.remove(...args)),
    isDead,
  } satisfies LedgerStore & { isDead(): boolean };
};

/** @returns what somebody was told; nothing, if the function died. */
export const told = async <T>(
  work: Promise<T>,
  { isDead }: { isDead(): boolean },
): Promise<T | InviteError | undefined> => {
  const end = await work.catch((error: unknown) => {
    if (error instanceof InviteError || error instanceof Death) return error;
    throw error;
  });
  return end instanceof Death || isDead() ? undefined : end;
};
