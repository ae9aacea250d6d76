import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { awsFailure } from './client.ts';

/** The stack's one table, for one invocation: nothing goes on in it after the signal. */
export type Table = { client: DynamoDBClient; name: string; signal: AbortSignal };

/** @returns the item with this key, read consistently. @throws InviteError */
export const getItem = async (
  table: Table,
  pk: string,
): Promise<Record<string, unknown> | undefined> => {
  const command = new GetItemCommand({
    TableName: table.name,
    Key: { pk: { S: pk } },
    ConsistentRead: true,
  });
  const { Item } = await translated(table.client.send(command, { abortSignal: table.signal }));
  return Item && unmarshall(Item);
};

/**
 * @returns the answer to a conditional write, or undefined if the condition did not hold.
 * @throws InviteError for other failures.
 */
export const unlessRefused = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw failure(error);
  }
};

/** @returns whether a conditional write was carried out. @throws InviteError for other failures. */
export const written = async (write: Promise<unknown>): Promise<boolean> =>
  (await unlessRefused(write)) !== undefined;

const translated = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    throw failure(error);
  }
};

const failure = (error: unknown) =>
  awsFailure(error, {
    lasting: 'Defect',
    code: 'table',
    what: "the stack's table",
    remedy:
      "deploy the stack again, and check that nobody changed the table or the function's role",
  });
