import { AwsError } from '../lib/aws-service.ts';
import type { Execution } from '../states/execution.ts';
import type { LocalStateMachine } from '../states/state-machine.ts';
import { executionInput, executionName } from './step-functions-input.ts';
import { page } from './step-functions-page.ts';

type Input = Record<string, unknown>;

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** The operations on a state machine. */
export const MACHINE_OPERATIONS = new Map<
  string,
  (machine: LocalStateMachine, input: Input) => object
>([
  ['StartExecution', start],
  ['ListExecutions', listExecutions],
  ['DescribeStateMachine', describe],
]);

/**
 * A name is taken for good. As long as its execution runs, asking for it again with the same input
 * is answered like the first time; of the same input AWS says that it is identical, which here is
 * the text.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
function start(machine: LocalStateMachine, { name: wish, input: given }: Input): object {
  const name = executionName(wish);
  const input = executionInput(given);
  const earlier = name === undefined ? undefined : machine.find(name);
  if (earlier && (earlier.end() || earlier.input !== input)) {
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${earlier.arn}'`);
  }
  const execution = earlier ?? machine.start(input, name);
  return { executionArn: execution.arn, startDate: execution.startedAt / 1000 };
}

function listExecutions(machine: LocalStateMachine, input: Input): object {
  const { statusFilter: filter } = input;
  if (filter !== undefined && !STATUSES.includes(String(filter))) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
    );
  }
  const { items, nextToken } = page(machine.executions(), input, {
    reverse: true,
    matches: (execution) => filter === undefined || statusOf(execution) === filter,
  });
  return {
    executions: items.map((execution) => {
      const end = execution.end();
      return {
        executionArn: execution.arn,
        stateMachineArn: machine.model.arn,
        name: execution.name,
        status: statusOf(execution),
        startDate: execution.startedAt / 1000,
        ...(end && { stopDate: end.at / 1000 }),
      };
    }),
    nextToken,
  };
}

export function statusOf(execution: Execution): string {
  return execution.end()?.status ?? 'RUNNING';
}

function describe({ model, createdAt }: LocalStateMachine): object {
  return {
    stateMachineArn: model.arn,
    name: model.name,
    status: 'ACTIVE',
    definition: model.definitionText,
    roleArn: model.role.arn,
    type: 'STANDARD',
    creationDate: createdAt / 1000,
    loggingConfiguration: model.logging,
    tracingConfiguration: { enabled: model.tracing },
  };
}

export function listStateMachines(machines: readonly LocalStateMachine[], input: Input): object {
  const { items, nextToken } = page(machines, input, { reverse: false });
  return {
    stateMachines: items.map(({ model, createdAt }) => ({
      stateMachineArn: model.arn,
      name: model.name,
      type: 'STANDARD',
      creationDate: createdAt / 1000,
    })),
    nextToken,
  };
}
