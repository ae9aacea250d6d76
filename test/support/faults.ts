import { ownError } from '../../functions/errors/invite-error.ts';
import type { LedgerStore } from '../../functions/invites/ledger-store.ts';

/**
 * What can befall one access to the table. `repeated`: the answer was lost, the SDK asked again and
 * met its own write. `lost`: every answer was lost. `late`: the access was given up, and carried out
 * afterwards. `failed`: the table did nothing. The function may die `before` or `after` the table
 * did it: no access of it gets through from then on.
 */
export const FAULTS = ['repeated', 'lost', 'late', 'failed', 'dies before', 'dies after'] as const;
export type Fault = (typeof FAULTS)[number];

/** The end of a function's process: nothing that it would have done later happens. */
export class Death extends Error {}

const unavailable = () => ownError('table_unavailable', { reason: 'Error' });

/**
 * What one function has access to.
 * @param faults what befalls its accesses, by their number from 0 on.
 * @param later has something done when nobody waits for it any more.
 */
export const faultyAccess = (
  faults: Partial<Record<number, Fault>>,
  later: (act: () => Promise<unknown>) => void = () => {},
) => {
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
