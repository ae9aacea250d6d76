import type { SFNClient } from '@aws-sdk/client-sfn';
import { InviteError } from '../invites/errors.ts';
import type { Queued } from '../invites/queue.ts';
import type { Workflow } from '../invites/queue-invite.ts';
import { CLIENT } from './aws-client.ts';
import { awsFailure } from './aws-failure.ts';

/** The name of the one execution that may carry out this wait: at most 80 characters, as Step Functions wants. */
export const executionName = ({ id, generation }: Queued): string => `${id}-${generation}`;

/** What an execution gets: ids only, since its input can be read for as long as it is kept. */
const executionInput = ({ id, generation }: Queued): string => JSON.stringify({ id, generation });

/** The stack's state machine, as those start it who put an ask into the queue. */
export const workflowStarter = (stateMachineArn: string): ((signal: AbortSignal) => Workflow) => {
  const starter = executionStarter(stateMachineArn);
  return (signal) => ({
    start: (queued) => starter(signal)(executionName(queued), executionInput(queued)),
  });
};

/**
 * Starts executions of a state machine by their names, for one invocation: nothing goes on after
 * the signal.
 *
 * To start an execution of the same name and input again is a success while it runs, and the error
 * `ExecutionAlreadyExists` from its end on, or if somebody else wrote the same input with other
 * white space: so then it is looked at.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 * @returns whether the execution runs; `false`: it has run, and is over.
 * @throws InviteError `SlackUnavailable` if nobody knows, `Defect` if there is no such machine.
 */
export const executionStarter = (stateMachineArn: string) => {
  let client: SFNClient | undefined;

  return (abortSignal: AbortSignal) =>
    async (name: string, input: string): Promise<boolean> => {
      // Evaluated when it is needed: most asks are answered without.
      const { SFNClient, StartExecutionCommand, DescribeExecutionCommand } = await import(
        '@aws-sdk/client-sfn'
      );
      client ??= new SFNClient(CLIENT);
      try {
        const command = new StartExecutionCommand({ stateMachineArn, name, input });
        await client.send(command, { abortSignal });
        return true;
      } catch (error) {
        if (nameOf(error) !== 'ExecutionAlreadyExists') throw failure(error);
      }
      try {
        const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
        const command = new DescribeExecutionCommand({ executionArn });
        return (await client.send(command, { abortSignal })).status === 'RUNNING';
      } catch (error) {
        throw failure(error);
      }
    };
};

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');

const failure = (error: unknown): InviteError => {
  const known = awsFailure(error, {
    lasting: 'Defect',
    code: 'workflow',
    what: 'the workflow',
    remedy:
      'deploy the stack again, and check that nobody changed the state machine or the function’s role',
  });
  if (!known.retryable) return known;
  return new InviteError(known.name, {
    ...known.facts,
    detail:
      'the workflow did not answer, so that nobody knows whether the ask is in the queue: ask the same again after retry_after seconds, which queues it once',
  });
};
