import type { SFNClient } from '@aws-sdk/client-sfn';
import { type InviteError, ownError } from '../errors/invite-error.ts';
import type { Workflow } from '../invites/enqueue.ts';
import type { Abortable } from '../invites/invocation.ts';
import { executionInput, executionName } from '../invites/queue.ts';
import { awsErrorName, awsFailure, CLIENT } from './client.ts';

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
  start: (queued, invocation) => start(executionName(queued), executionInput(queued), invocation),
  isOver: (queued, invocation) => isOver(executionName(queued), invocation),
});

export const executionsOf = (stateMachineArn: string): Executions => {
  let client: SFNClient | undefined;
  // Evaluated when it is needed: most requests are answered without.
  const load = async () => {
    const sdk = await import('@aws-sdk/client-sfn');
    client ??= new sdk.SFNClient(CLIENT);
    return { sdk, client };
  };

  /** @returns undefined where no execution of this name is to be seen. */
  const describe = async (name: string, { signal }: Abortable) => {
    const { sdk, client } = await load();
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    try {
      const command = new sdk.DescribeExecutionCommand({ executionArn });
      return await client.send(command, { abortSignal: signal });
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
      const { sdk, client } = await load();
      try {
        const command = new sdk.StartExecutionCommand({ stateMachineArn, name, input });
        await client.send(command, { abortSignal: invocation.signal });
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

const failure = (error: unknown): InviteError =>
  awsFailure(error, { lasting: 'workflow_misconfigured', passing: 'workflow_unavailable' });
