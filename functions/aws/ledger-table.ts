import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Claim, Invite, QueueEntry } from '../invites/invite.ts';
import type { Abortable } from '../invites/invocation.ts';
import type { LedgerStore } from '../invites/ledger-store.ts';
import { conditional, getItem, type Table } from './table.ts';

/** The ledger in the stack's table: one item an invite, its fields as attributes. */
export const ledgerTable = (table: Table): LedgerStore => {
  const { client, name: TableName } = table;
  const isDone = async (command: PutItemCommand | DeleteItemCommand, { signal }: Abortable) =>
    (await conditional(client.send(command as PutItemCommand, { abortSignal: signal }))) !==
    undefined;

  return {
    async read(id, invocation) {
      const item = await getItem(table, key(id), invocation);
      if (!item) return undefined;
      const { pk: _, revision, claim, queue, generation, ttl, ...invite } = item;
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

    write: ({ id, revision, claim, queue, generation, invite, ttl }, expected, invocation) =>
      isDone(
        new PutItemCommand({
          TableName,
          Item: marshall(
            { pk: key(id), revision, claim, queue, generation, ttl, ...invite },
            { removeUndefinedValues: true },
          ),
          ...onlyIf(expected),
        }),
        invocation,
      ),

    remove: (id, expected, invocation) =>
      isDone(
        new DeleteItemCommand({ TableName, Key: { pk: { S: key(id) } }, ...onlyIf(expected) }),
        invocation,
      ),
  };
};

const key = (id: string) => `invite#${id}`;

const onlyIf = (revision: string | undefined) =>
  revision === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { S: revision } },
      };
