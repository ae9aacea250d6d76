import { type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Abortable } from '../invites/invocation.ts';
import type { AwsClient } from './client.ts';
import { awsErrorName, awsFailure } from './failure.ts';

/** The stack's one table. */
export type Table = { client: AwsClient; name: string };

export type Item = Parameters<typeof unmarshall>[0];

/** @returns the item with this key, read consistently. @throws InviteError */
export const getItem = async (
  { client, name }: Table,
  pk: string,
  invocation: Abortable,
): Promise<Record<string, NativeAttributeValue> | undefined> => {
  const input = { TableName: name, Key: { pk: { S: pk } }, ConsistentRead: true };
  try {
    const { Item } = await client<{ Item?: Item }>('GetItem', input, invocation);
    return Item && unmarshall(Item);
  } catch (error) {
    throw failure(error);
  }
};

/** What a write takes beside the table. */
type Write = { ConditionExpression?: string } & Record<string, unknown>;

/**
 * Writes, under a condition where there is one.
 * @returns the answer, or undefined if the condition did not hold.
 * @throws InviteError for other failures.
 */
export const conditional = async <Output>(
  { client, name }: Table,
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem',
  write: Write,
  invocation: Abortable,
): Promise<Output | undefined> => {
  try {
    return await client<Output>(operation, { TableName: name, ...write }, invocation);
  } catch (error) {
    if (awsErrorName(error) === 'ConditionalCheckFailedException') return undefined;
    throw failure(error);
  }
};

/** The same, for whoever needs no answer. @returns whether it was done. */
export const isWritten = async (...write: Parameters<typeof conditional>): Promise<boolean> =>
  (await conditional(...write)) !== undefined;

/** @returns the error of a failed access. */
export const failure = (error: unknown) =>
  awsFailure(error, { lasting: 'table_misconfigured', passing: 'table_unavailable' });
