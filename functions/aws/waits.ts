import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DAY_S } from '../lib/times.ts';
import type { Tasks, Wait, WaitStore } from '../lifecycle/waits.ts';
import { awsClient } from './client.ts';
import { awsErrorName, awsFailure } from './failure.ts';
import { getItem, isWritten, type Table } from './table.ts';

const key = (id: string) => ({ pk: { S: `wait#${id}` } });

/** Each wait is an attribute of the invite's own item for them, named by a hash of its token. */
const nameOf = (token: string) =>
  `task:${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`;

export const waitTable = (table: Table, retentionDays: number): WaitStore => ({
  async add(id, { waitFor, token }, invocation) {
    const ttl = Math.ceil(Date.now() / 1000) + retentionDays * DAY_S;
    const write = {
      Key: key(id),
      UpdateExpression: 'SET #task = :wait, #ttl = :ttl',
      ExpressionAttributeNames: { '#task': nameOf(token), '#ttl': 'ttl' },
      ExpressionAttributeValues: marshall({ ':wait': { waitFor, token }, ':ttl': ttl }),
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },

  async of(id, invocation) {
    const item = (await getItem(table, key(id).pk.S, invocation)) ?? {};
    const names = Object.keys(item).filter((name) => name.startsWith('task:'));
    return names.map((name) => item[name] as Wait);
  },

  async forget(id, token, invocation) {
    const write = {
      Key: key(id),
      UpdateExpression: 'REMOVE #task',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#task': nameOf(token) },
    };
    await isWritten(table, 'UpdateItem', write, invocation);
  },
});

/** What Step Functions says of a token whose task nobody here can end any more. */
const REFUSED = {
  InvalidToken: 'no_token',
  ValidationException: 'no_token',
  TaskDoesNotExist: 'ended',
  TaskTimedOut: 'ended',
  AccessDeniedException: 'foreign',
} as const;

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export const taskTokens = (): Tasks => {
  const client = awsClient('states');
  const tell = async (
    operation: string,
    input: object,
    invocation: Parameters<typeof client>[2],
  ) => {
    try {
      await client(operation, input, invocation);
      return undefined;
    } catch (error) {
      const name = awsErrorName(error);
      if (Object.hasOwn(REFUSED, name)) return REFUSED[name as keyof typeof REFUSED];
      throw awsFailure(error, {
        lasting: 'workflow_misconfigured',
        passing: 'workflow_unavailable',
      });
    }
  };
  return {
    // It does nothing to a task without a heartbeat, and says whether there is such a task.
    refusalOf: (taskToken, invocation) => tell('SendTaskHeartbeat', { taskToken }, invocation),
    async succeed(taskToken, output, invocation) {
      await tell('SendTaskSuccess', { taskToken, output: JSON.stringify(output) }, invocation);
    },
    async fail(taskToken, error, cause, invocation) {
      await tell('SendTaskFailure', { taskToken, error, cause: JSON.stringify(cause) }, invocation);
    },
  };
};
