import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import {
  asItReads,
  CAN_EXPIRE,
  type Claim,
  type Invite,
  isToResend,
  type LedgerStore,
  type QueueEntry,
  type StoredInvite,
  type Telling,
} from '../invites/invite.ts';
import type { InviteList, ListFilter } from '../invites/list.ts';
import { type Grant, type GrantStore, grantKey } from '../invites/policy.ts';
import { DAY_MS } from '../lib/times.ts';
import {
  dueAt,
  getItem,
  type Item,
  isWritten,
  LIST_INDEX,
  type Table,
  tableFailure,
} from './table.ts';

/**
 * The ledger in the stack's table: one item an invite, its fields as attributes.
 * @param remindBeforeDays where somebody follows the invitations that are out.
 */
export const ledgerTable = (table: Table, remindBeforeDays?: number): LedgerStore => ({
  async read(id, invocation) {
    const item = await getItem(table, key(id), invocation);
    if (!item) return undefined;
    const { pk: _, due: __, due_at, listed, listed_at, not_before, ...stored } = item;
    const { revision, claim, queue, generation, untold, names, resend_of, ttl, ...invite } = stored;
    return {
      id,
      revision: revision as string,
      ttl: ttl as number,
      ...(claim !== undefined && { claim: claim as Claim }),
      ...(queue !== undefined && { queue: queue as QueueEntry }),
      ...(generation !== undefined && { generation: generation as number }),
      ...(untold !== undefined && { untold: untold as Telling[] }),
      ...(names !== undefined && { names: names as string[] }),
      ...(resend_of !== undefined && { resend_of: resend_of as number }),
      ...('status' in invite && { invite: invite as Invite }),
    };
  },

  write: (item, expected, invocation) => {
    const { id, invite, ...kept } = item;
    const indexed = invite && {
      ...dueOf(item, remindBeforeDays),
      listed: LISTED,
      // It never changes: nothing moves while somebody turns the pages, and the index writes in place.
      listed_at: Date.parse(invite.created_at),
      not_before: item.queue?.not_before,
    };
    const attributes = { pk: key(id), ...kept, ...invite, ...indexed };
    const Item = marshall(attributes, { removeUndefinedValues: true });
    return isWritten(table, 'PutItem', { Item, ...onlyIf(expected) }, invocation);
  },

  async told({ untold: _, ...item }, invocation) {
    const { due, due_at } = dueOf(item, remindBeforeDays);
    const write = {
      Key: { pk: { S: key(item.id) } },
      UpdateExpression:
        due === undefined
          ? 'REMOVE untold, due, due_at'
          : 'SET due = :due, due_at = :due_at REMOVE untold',
      ConditionExpression: 'revision = :expected',
      ExpressionAttributeValues: marshall({
        ':expected': item.revision,
        ...(due !== undefined && { ':due': due, ':due_at': due_at }),
      }),
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },

  remove: (id, expected, invocation) => {
    const Key = { pk: { S: key(id) } };
    return isWritten(table, 'DeleteItem', { Key, ...onlyIf(expected) }, invocation);
  },
});

const key = (id: string) => `invite#${id}`;

/** For whom an item waits, and until when: what is to be told comes first, and then a queued request. */
const dueOf = (
  { invite, queue, untold, claim, resend_of }: Omit<StoredInvite, 'revision'>,
  remindBeforeDays: number | undefined,
): Partial<ReturnType<typeof dueAt>> => {
  if (!invite) return {};
  if (untold && untold.length > 0) return dueAt('untold', invite.updated_at);
  if (queue) return dueAt('invite', invite.updated_at);
  if (remindBeforeDays === undefined) return {};
  // Nobody may come back to say what became of the call.
  if (invite.status === 'sending') return { due: 'ends', due_at: claim?.until ?? 0 };
  if (isToResend({ invite, resend_of })) return dueAt('ends', invite.updated_at);
  const { expires_at, reminded_at } = invite;
  if (!CAN_EXPIRE.includes(invite.status) || expires_at === undefined) return {};
  const reminds = invite.status !== 'unknown' && reminded_at === undefined;
  const early = reminds ? remindBeforeDays * DAY_MS : 0;
  return { due: 'ends', due_at: Date.parse(expires_at) - early };
};

const LISTED = 'invite';

const onlyIf = (revision: string | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { S: revision } },
      };

/** The newest invites, by the index that has of each what a list shows of it. */
export const listIndex = ({ client, name }: Table, now: () => number = Date.now): InviteList => ({
  async newest({ filter, until, atMost, after }, invocation) {
    const query = {
      TableName: name,
      IndexName: LIST_INDEX,
      ScanIndexForward: false,
      Limit: atMost,
      ...(after && { ExclusiveStartKey: after }),
      ...conditions(filter, until),
    };
    try {
      const { Items = [], LastEvaluatedKey: key } = await client<Found>('Query', query, invocation);
      return {
        found: Items.map((item) => listed(item, now())),
        ...(key && { next: { key, at: Number(unmarshall(key).listed_at) } }),
      };
    } catch (error) {
      throw tableFailure(error);
    }
  },
});

type Found = { Items?: Item[]; LastEvaluatedKey?: Item };

const listed = (item: Item, now: number): { at: number; invite: Invite } => {
  const { pk, listed: _, listed_at: at, claim, not_before, ...fields } = unmarshall(item);
  const id = String(pk).slice(key('').length);
  const stored = { id, revision: '', ttl: 0, claim, invite: { id, ...fields } as Invite };
  const expected = not_before && { expected_at: new Date(not_before).toISOString() };
  const reads = asItReads(stored, now) as Invite;
  return { at, invite: { ...reads, ...(reads.status === 'queued' && expected) } };
};

/** The conditions of a query. Not by status: some invites read otherwise than they are kept. */
const conditions = (
  { channel, reference, source, since = 0 }: ListFilter,
  until: number | undefined,
) => {
  const given = Object.entries({ channel, reference, source });
  const wanted = given.filter(([, value]) => value !== undefined);
  const filters = wanted.map(([field]) =>
    field === 'source'
      ? '(#source.door = :source OR #source.#caller = :source)'
      : `#${field} = :${field}`,
  );
  const names = [...wanted.map(([field]) => field), ...(source === undefined ? [] : ['caller'])];
  return {
    KeyConditionExpression: 'listed = :listed AND listed_at BETWEEN :since AND :until',
    ...(filters.length > 0 && {
      FilterExpression: filters.join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    }),
    ExpressionAttributeValues: marshall({
      ':listed': LISTED,
      ':since': since,
      ':until': until ?? Number.MAX_SAFE_INTEGER,
      ...Object.fromEntries(wanted.map(([field, value]) => [`:${field}`, value])),
    }),
  };
};

/** The grants in the stack's table, one item a channel. The functions only read them. */
export const grantTable = (table: Table): GrantStore => ({
  async read(channel, invocation) {
    const { grants = [] } = (await getItem(table, grantKey(channel), invocation)) ?? {};
    return grants as Grant[];
  },
});
