import type { StoredInvite } from './invite.ts';
import type { Abortable } from './invocation.ts';

/** The table, as far as the ledger needs it. Reads are consistent. */
export type LedgerStore = {
  read(id: string, invocation: Abortable): Promise<StoredInvite | undefined>;
  /**
   * Replaces the item, provided that it still has the revision `expected` (`undefined`: that it
   * does not exist).
   * @returns whether it did.
   */
  write(item: StoredInvite, expected: string | undefined, invocation: Abortable): Promise<boolean>;
  /** Removes the item under the same condition. */
  remove(id: string, expected: string, invocation: Abortable): Promise<boolean>;
};
