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
  /**
   * Forgets what an item was to tell, once it is told. An item that was changed meanwhile keeps it, and
   * it is told once more.
   */
  told?(item: StoredInvite, invocation: Abortable): Promise<void>;
  /** Removes the item under the same condition. */
  remove(id: string, expected: string, invocation: Abortable): Promise<boolean>;
};
