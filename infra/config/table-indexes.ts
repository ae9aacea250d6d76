import { DUE_INDEX, LIST_INDEX } from '../../functions/aws/table.ts';

/** What a list of invites shows: each as it reads alone, without a read of it. */
const LISTED = [
  'channel',
  'recipient',
  'external_limited',
  'status',
  'claim',
  'slack',
  'attempts',
  'reference',
  'source',
  'error',
  'created_at',
  'updated_at',
  'expires_at',
  'not_before',
  'accepted_at',
  'connected_at',
  'accepting_team',
  'proved_by',
  'reminded_at',
];

/**
 * The indexes of the ledger, which an adopted table has to have, too. Each has a string as its partition
 * key and a number, epoch milliseconds, as its sort key. Both are sparse: only what waits for somebody is
 * in one, only invites in the other.
 */
export const TABLE_INDEXES: readonly {
  name: string;
  partitionKey: string;
  sortKey: string;
  /** What it has beside the keys. */
  include: string[];
}[] = [
  { name: DUE_INDEX, partitionKey: 'due', sortKey: 'due_at', include: [] },
  { name: LIST_INDEX, partitionKey: 'listed', sortKey: 'listed_at', include: LISTED },
];
