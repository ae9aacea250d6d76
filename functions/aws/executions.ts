import { type InviteError, ownError } from '../errors/invite-error.ts';
import type { Workflow } from '../invites/enqueue.ts';
import type { Abortable } from '../invites/invocation.ts';
import { inviteExecutionInput, inviteExecutionName } from '../invites/queue.ts';
import type { Tasks } from '../lifecycle/waits.ts';
import { awsClient } from './client.ts';
import { awsErrorName, awsFailure } from './failure.ts';

/** The executions of one state machine, by their names. */
export type Executions = {
  /**
   * Starts an execution; to start it twice is to start it once.
   * @returns whether it runs; `false`: it has run, and is over.
   * @throws InviteError `Unavailable` if nobody knows, `Defect` if there is no such machine.
   */
  start(name: string, input: string, invocation: Abortable): Promise<boolean>;
  /** @returns whether there was an execution of this name, and it is over. @throws InviteError */
  isOver(name: string, invocation: Abortable): Promise<boolean>;
};

/** The stack's state machine, for those who put requests into the queue. */
export const workflowOf = ({ start, isOver }: Executions): Workflow => ({
  start: (queued, invocation) =>
    start(inviteExecutionName(queued), inviteExecutionInput(queued), invocation),
  isOver: (queued, invocation) => isOver(inviteExecutionName(queued), invocation),
});

export const executionsOf = (stateMachineArn: string): Executions => {
  const client = awsClient('states');

  /** @returns undefined where no execution of this name is to be seen. */
  const describe = async (name: string, invocation: Abortable) => {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    try {
      return await client<Execution>('DescribeExecution', { executionArn }, invocation);
    } catch (error) {
      if (awsErrorName(error) === 'ExecutionDoesNotExist') return undefined;
      throw failure(error);
    }
  };

  return {
    /**
     * To start an execution of the same name and input again is a success while it runs, and the
     * error `ExecutionAlreadyExists` from its end on, or if somebody else wrote the same input
     * with other white space: then it is described. A description may lag behind, and where it says
     * that the very same input still runs it does not count.
     * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
     * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
     */
    async start(name, input, invocation) {
      try {
        await client('StartExecution', { stateMachineArn, name, input }, invocation);
        return true;
      } catch (error) {
        if (awsErrorName(error) !== 'ExecutionAlreadyExists') throw failure(error);
      }
      const existing = await describe(name, invocation);
      // It exists but cannot be described yet.
      if (!existing) throw ownError('workflow_unavailable', { reason: 'ExecutionDoesNotExist' });
      return existing.status === 'RUNNING' && existing.input !== input;
    },

    async isOver(name, invocation) {
      const execution = await describe(name, invocation);
      return execution !== undefined && execution.status !== 'RUNNING';
    },
  };
};

type Execution = { status: string; input: string };

const failure = (error: unknown): InviteError =>
  awsFailure(error, { lasting: 'workflow_misconfigured', passing: 'workflow_unavailable' });

/** What Step Functions says of a token whose task nobody can end any more. */
const OVER = {
  InvalidToken: 'no_token',
  ValidationException: 'no_token',
  TaskDoesNotExist: 'ended',
  TaskTimedOut: 'ended',
} as const;

/** The same, and what it says of a task that nobody here may end. */
const REFUSED = { ...OVER, AccessDeniedException: 'foreign' } as const;

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export const taskTokens = (): Tasks => {
  const client = awsClient('states');
  /** @returns what Step Functions refused with, if it is among those that are known. @throws InviteError */
  const tell = async <Refusal extends string>(
    operation: string,
    input: object,
    known: Readonly<Record<string, Refusal>>,
    invocation: Abortable,
  ): Promise<Refusal | undefined> => {
    try {
      await client(operation, input, invocation);
      return undefined;
    } catch (error) {
      const name = awsErrorName(error);
      if (Object.hasOwn(known, name)) return known[name];
      throw failure(error);
    }
  };
  return {
    // It does nothing to a task without a heartbeat, and says whether there is such a task.
    refusalOf: (taskToken, invocation) =>
      tell('SendTaskHeartbeat', { taskToken }, REFUSED, invocation),
    async succeed(taskToken, output, invocation) {
      const success = { taskToken, output: JSON.stringify(output) };
      await tell('SendTaskSuccess', success, OVER, invocation);
    },
    async fail(taskToken, error, cause, invocation) {
      const end = { taskToken, error, cause: JSON.stringify(cause) };
      await tell('SendTaskFailure', end, OVER, invocation);
    },
  };
};
