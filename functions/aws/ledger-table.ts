import { marshall } from '@aws-sdk/util-dynamodb';
import type { Claim, Invite, QueueEntry } from '../invites/invite.ts';
import type { LedgerStore } from '../invites/ledger-store.ts';
import { dueAt } from './due-index.ts';
import { getItem, isWritten, type Table } from './table.ts';

/** The ledger in the stack's table: one item an invite, its fields as attributes. */
export const ledgerTable = (table: Table): LedgerStore => ({
  async read(id, invocation) {
    const item = await getItem(table, key(id), invocation);
    if (!item) return undefined;
    const { pk: _, due: __, due_at, listed, listed_at, ...stored } = item;
    const { revision, claim, queue, generation, ttl, ...invite } = stored;
    return {
      id,
      revision: revision as string,
      ttl: ttl as number,
      ...(claim !== undefined && { claim: claim as Claim }),
      ...(queue !== undefined && { queue: queue as QueueEntry }),
      ...(generation !== undefined && { generation: generation as number }),
      ...('status' in invite && { invite: invite as Invite }),
    };
  },

  write: ({ id, revision, claim, queue, generation, invite, ttl }, expected, invocation) => {
    const kept = { pk: key(id), revision, claim, queue, generation, ttl, ...invite };
    const item = { ...kept, ...(invite && indexed(invite, queue)) };
    const Item = marshall(item, { removeUndefinedValues: true });
    return isWritten(table, 'PutItem', { Item, ...onlyIf(expected) }, invocation);
  },

  remove: (id, expected, invocation) => {
    const Key = { pk: { S: key(id) } };
    return isWritten(table, 'DeleteItem', { Key, ...onlyIf(expected) }, invocation);
  },
});

const key = (id: string) => `invite#${id}`;

/** The attributes of the indexes that an invite is in. */
const indexed = ({ updated_at }: Invite, queue: QueueEntry | undefined) => ({
  ...(queue && dueAt('invite', updated_at)),
  listed: 'invite',
  listed_at: Date.parse(updated_at),
});

const onlyIf = (revision: string | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { S: revision } },
      };
