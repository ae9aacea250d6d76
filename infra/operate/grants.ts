import { randomUUID } from 'node:crypto';
import { GetItemCommand, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Grant, grantKey } from '../../functions/invites/policy.ts';
import { UsageError } from '../command-line/arguments.ts';
import { outputOf, type Stack } from './stack.ts';

/** All that a channel ever had, in the order in which it was made. */
export type ChannelGrants = { channel: string; grants: Grant[] };

type Item = ChannelGrants & { revision: string | undefined };

const KEY = grantKey('');
/** An item has 400 KB at most; this leaves room for the ends of those that are in force. */
const MOST_BYTES = 300_000;
/** How often a change that meets another one looks at what that one left. */
const MAX_RACES = 3;

const table = (stack: Stack) => outputOf(stack, 'TableName');

const read = async (stack: Stack, channel: string): Promise<Item> => {
  const Key = { pk: { S: grantKey(channel) } };
  const { Item } = await stack.aws.dynamoDb.send(
    new GetItemCommand({ TableName: table(stack), Key, ConsistentRead: true }),
  );
  const { grants = [], revision } = Item ? unmarshall(Item) : {};
  return { channel, grants, revision };
};

/** @returns the grants of one channel, or of all, by channel. */
export const readGrants = async (stack: Stack, channel?: string): Promise<ChannelGrants[]> => {
  if (channel !== undefined) {
    const found = await read(stack, channel);
    return found.grants.length === 0 ? [] : [found];
  }
  const found: ChannelGrants[] = [];
  const pages = paginateScan(
    { client: stack.aws.dynamoDb },
    {
      TableName: table(stack),
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :key)',
      ExpressionAttributeValues: { ':key': { S: KEY } },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const { pk, grants } = unmarshall(item);
      found.push({ channel: String(pk).slice(KEY.length), grants });
    }
  }
  return found.sort((a, b) => a.channel.localeCompare(b.channel));
};

/**
 * Changes the grants of a channel, on top of what anybody else has changed meanwhile.
 * @param change from the grants as they are to those to be kept; undefined to leave them.
 * @throws UsageError if there is no end of others, or no room.
 */
export const changeGrants = async (
  stack: Stack,
  channel: string,
  change: (grants: Grant[]) => Grant[] | undefined,
): Promise<void> => {
  for (let race = 0; race < MAX_RACES; race += 1) {
    const { grants: before, revision } = await read(stack, channel);
    const grants = change(before);
    if (!grants) return;
    if (Buffer.byteLength(JSON.stringify(grants)) > MOST_BYTES) {
      throw new UsageError(
        `The history of ${channel} is full: list the domain in slackConnectInvites.channels.${channel}.emailDomains`,
      );
    }
    const item = { pk: grantKey(channel), revision: randomUUID(), grants };
    const write = new PutItemCommand({
      TableName: table(stack),
      Item: marshall(item, { removeUndefinedValues: true }),
      ...(revision === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': { S: revision } },
          }),
    });
    const isWritten = await stack.aws.dynamoDb.send(write).then(
      () => true,
      (error: Error) => {
        if (error.name === 'ConditionalCheckFailedException') return false;
        throw error;
      },
    );
    if (isWritten) return;
  }
  throw new UsageError(`Somebody else is changing the grants of ${channel}: try again`);
};
