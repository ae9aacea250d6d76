import type { LocalRun } from './local-run.ts';

export const WORKFLOW =
  'arn:aws:states:us-east-1:000000000000:stateMachine:SlackConnectInvites-invites';
export const ASYNC = { prefer: 'respond-async' };

export type Execution = { executionArn: string; name: string; status: string; error?: string };

/** @returns executions of the workflow, the newest first, a thousand at most. */
export const executionsOf = async (
  { states }: LocalRun,
  statusFilter?: string,
): Promise<Execution[]> => {
  const input = {
    stateMachineArn: WORKFLOW,
    maxResults: 1000,
    ...(statusFilter && { statusFilter }),
  };
  return (await states('ListExecutions', input)).executions as Execution[];
};

/** @returns the executions of one invite, the oldest first. */
export const executionsFor = async (run: LocalRun, id: unknown): Promise<Execution[]> =>
  (await executionsOf(run)).filter(({ name }) => name.startsWith(`${id}-`)).toReversed();

/** Waits until the invite has left the queue, for 15 seconds at most. */
export const untilSettled = async (
  run: LocalRun,
  id: unknown,
): Promise<Record<string, unknown>> => {
  for (let look = 0; look < 150; look += 1) {
    const { body } = await run.get(`/invites/${id}`);
    if (!['queued', 'sending'].includes(String(body.status))) return body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${id} is still in the queue`);
};

/** Gives the lane's next ticket out for a later time, as a backlog would. */
export const delayLane = (run: LocalRun, seconds: number) =>
  run.dynamo('PutItem', {
    Item: {
      pk: { S: 'lane#conversations.inviteShared' },
      tat: { N: String(Date.now() + seconds * 1000) },
    },
  });

export const openLane = (run: LocalRun) =>
  run.dynamo('DeleteItem', { Key: { pk: { S: 'lane#conversations.inviteShared' } } });
