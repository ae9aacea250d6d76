import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Claim, Invite, QueueEntry } from '../invites/invite.ts';
import type { LedgerStore } from '../invites/ledger.ts';
import { getItem, type Table, written } from './table.ts';

/** The ledger in the stack's table: one item an invite, its fields as attributes. */
export const ledgerTable = (table: Table): LedgerStore => {
  const { client, name: TableName, signal: abortSignal } = table;

  return {
    async read(id) {
      const item = await getItem(table, key(id));
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

    write: ({ id, revision, claim, queue, generation, invite, ttl }, expected) =>
      written(
        client.send(
          new PutItemCommand({
            TableName,
            Item: marshall(
              { pk: key(id), revision, claim, queue, generation, ttl, ...invite },
              { removeUndefinedValues: true },
            ),
            ...onlyIf(expected),
          }),
          { abortSignal },
        ),
      ),

    remove: (id, expected) =>
      written(
        client.send(
          new DeleteItemCommand({ TableName, Key: { pk: { S: key(id) } }, ...onlyIf(expected) }),
          { abortSignal },
        ),
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
