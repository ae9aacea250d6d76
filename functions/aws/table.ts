import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Abortable } from '../invites/invocation.ts';
import { awsFailure } from './client.ts';

/** The stack's one table. */
export type Table = { client: DynamoDBClient; name: string };

/** @returns the item with this key, read consistently. @throws InviteError */
export const getItem = async (
  { client, name }: Table,
  pk: string,
  { signal }: Abortable,
): Promise<Record<string, unknown> | undefined> => {
  const command = new GetItemCommand({
    TableName: name,
    Key: { pk: { S: pk } },
    ConsistentRead: true,
  });
  try {
    const { Item } = await client.send(command, { abortSignal: signal });
    return Item && unmarshall(Item);
  } catch (error) {
    throw failure(error);
  }
};

/**
 * @returns the answer to a conditional write, or undefined if the condition did not hold.
 * @throws InviteError for other failures.
 */
export const conditional = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw failure(error);
  }
};

const failure = (error: unknown) =>
  awsFailure(error, { lasting: 'table_misconfigured', passing: 'table_unavailable' });
