import type { SFNClient } from '@aws-sdk/client-sfn';
import { InviteError } from '../errors/invite-error.ts';
import type { Workflow } from '../invites/enqueue.ts';
import type { QueueKey } from '../invites/queue.ts';
import { awsErrorName, awsFailure, CLIENT } from './client.ts';

/** The name of the one execution that may carry out this wait: at most 80 characters, as Step Functions wants. */
export const executionName = ({ id, generation }: QueueKey): string => `${id}-${generation}`;

/** What an execution gets: ids only, since its input can be read for as long as it is kept. */
const executionInput = ({ id, generation }: QueueKey): string => JSON.stringify({ id, generation });

/** The stack's state machine, as those start it who put an ask into the queue. */
export const workflowStarter = (stateMachineArn: string): ((signal: AbortSignal) => Workflow) => {
  const executions = executionsOf(stateMachineArn);
  return (signal) => {
    const { start, isOver } = executions(signal);
    return {
      start: (queued) => start(executionName(queued), executionInput(queued)),
      isOver: (queued) => isOver(executionName(queued)),
    };
  };
};

/**
 * The executions of a state machine by their names, for one invocation: nothing goes on after the
 * signal.
 * @throws InviteError `SlackUnavailable` if nobody knows, `Defect` if there is no such machine.
 */
export const executionsOf = (stateMachineArn: string) => {
  let client: SFNClient | undefined;
  // Evaluated when it is needed: most asks are answered without.
  const load = async () => {
    const sdk = await import('@aws-sdk/client-sfn');
    client ??= new sdk.SFNClient(CLIENT);
    return { sdk, client };
  };

  return (abortSignal: AbortSignal) => {
    /** @returns undefined where no execution of this name is to be seen. */
    const describe = async (name: string) => {
      const { sdk, client } = await load();
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
      try {
        const command = new sdk.DescribeExecutionCommand({ executionArn });
        return await client.send(command, { abortSignal });
      } catch (error) {
        if (awsErrorName(error) === 'ExecutionDoesNotExist') return undefined;
        throw failure(error);
      }
    };

    return {
      /**
       * To start an execution of the same name and input again is a success while it runs, and the
       * error `ExecutionAlreadyExists` from its end on, or if somebody else wrote the same input
       * with other white space: so then it is looked at. A description may lag behind, so that it
       * does not count where it says that the very same input still runs.
       * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
       * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
       * @returns whether the execution runs; `false`: it has run, and is over.
       */
      async start(name: string, input: string): Promise<boolean> {
        const { sdk, client } = await load();
        try {
          const command = new sdk.StartExecutionCommand({ stateMachineArn, name, input });
          await client.send(command, { abortSignal });
          return true;
        } catch (error) {
          if (awsErrorName(error) !== 'ExecutionAlreadyExists') throw failure(error);
        }
        const existing = await describe(name);
        if (!existing) throw unanswered('ExecutionDoesNotExist'); // it exists but cannot be described yet
        return existing.status === 'RUNNING' && existing.input !== input;
      },

      /** @returns whether there was an execution of this name, and it is over. */
      async isOver(name: string): Promise<boolean> {
        const execution = await describe(name);
        return execution !== undefined && execution.status !== 'RUNNING';
      },
    };
  };
};

const failure = (error: unknown): InviteError => {
  const known = awsFailure(error, {
    lasting: 'Defect',
    code: 'workflow',
    what: 'the workflow',
    remedy:
      "deploy the stack again, and check that nobody changed the state machine or the function's role",
  });
  return known.retryable ? unanswered(awsErrorName(error)) : known;
};

const unanswered = (name: string): InviteError =>
  new InviteError('SlackUnavailable', {
    code: 'workflow_unavailable',
    detail: `the workflow did not answer (${name}), so that nobody knows whether the ask is in the queue: ask the same again after retry_after seconds, which queues it once`,
    retryAfter: 5,
  });
