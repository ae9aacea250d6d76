import { marshall } from '@aws-sdk/util-dynamodb';
import {
  CAN_EXPIRE,
  type Claim,
  type Invite,
  isToResend,
  type QueueEntry,
  type StoredInvite,
  type Telling,
} from '../invites/invite.ts';
import type { LedgerStore } from '../invites/ledger-store.ts';
import { DAY_MS } from '../lib/times.ts';
import { dueAt } from './due-index.ts';
import { getItem, isWritten, type Table } from './table.ts';

/**
 * The ledger in the stack's table: one item an invite, its fields as attributes.
 * @param remindBeforeDays where somebody follows the invitations that are out.
 */
export const ledgerTable = (table: Table, remindBeforeDays?: number): LedgerStore => ({
  async read(id, invocation) {
    const item = await getItem(table, key(id), invocation);
    if (!item) return undefined;
    const { pk: _, due: __, due_at, listed, listed_at, ...stored } = item;
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
      listed: 'invite',
      listed_at: Date.parse(invite.updated_at),
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

const onlyIf = (revision: string | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { S: revision } },
      };
