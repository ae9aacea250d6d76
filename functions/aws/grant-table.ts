import { type Grant, type GrantStore, grantKey } from '../invites/grant.ts';
import { getItem, type Table } from './table.ts';

/** The grants in the stack's table, one item a channel. The functions only read them. */
export const grantTable = (table: Table): GrantStore => ({
  async read(channel, invocation) {
    const { grants = [] } = (await getItem(table, grantKey(channel), invocation)) ?? {};
    return grants as Grant[];
  },
});
