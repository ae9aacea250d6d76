import {
  type AwsAnswer,
  AwsError,
  type AwsRequest,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import type { Execution } from '../states/execution.ts';
import type { LocalStateMachine } from '../states/state-machine.ts';
import { EXECUTION_OPERATIONS } from './step-functions-execution.ts';
import { arn } from './step-functions-input.ts';
import { listStateMachines, MACHINE_OPERATIONS } from './step-functions-machine.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';

/**
 * Step Functions: its executions, and descriptions of the state machines.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
export function createStepFunctions(machines: readonly LocalStateMachine[]): AwsService {
  return {
    name: 'states',
    tell: (error) => tellAsJson(CONTENT_TYPE, error),
    handle: async (request) => answer(perform(machines, request)),
  };
}

function answer(output: object): AwsAnswer {
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body: JSON.stringify(output) };
}

function perform(
  machines: readonly LocalStateMachine[],
  { headers, body, principal }: AwsRequest,
): object {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
  const action = `states:${operation}`;
  const input = parseJsonObject(body);

  // Authorized before it is said whether there is such a thing, so that nobody learns what is not theirs to see.
  const onMachine = MACHINE_OPERATIONS.get(operation);
  if (onMachine) {
    const stateMachineArn = arn(input.stateMachineArn, 'stateMachine');
    authorize(principal, action, stateMachineArn);
    return onMachine(findMachine(machines, stateMachineArn), input);
  }
  const onExecution = EXECUTION_OPERATIONS.get(operation);
  if (onExecution) {
    const executionArn = arn(input.executionArn, 'execution');
    authorize(principal, action, executionArn);
    const { machine, execution } = findExecution(machines, executionArn);
    return onExecution(execution, input, machine);
  }
  if (operation === 'ListStateMachines') {
    authorize(principal, action, '*');
    return listStateMachines(machines, input);
  }
  const known = [...MACHINE_OPERATIONS.keys(), ...EXECUTION_OPERATIONS.keys()].join(', ');
  throw new AwsError(
    'UnknownOperationException',
    `The local Step Functions has ${known} and ListStateMachines, not ${operation}.`,
  );
}

function findMachine(machines: readonly LocalStateMachine[], arn: string): LocalStateMachine {
  const machine = machines.find(({ model }) => model.arn === arn);
  if (machine) return machine;
  throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

function findExecution(
  machines: readonly LocalStateMachine[],
  arn: string,
): { machine: LocalStateMachine; execution: Execution } {
  const name = arn.split(':').at(-1) as string;
  for (const machine of machines) {
    const execution = machine.find(name);
    if (execution?.arn === arn) return { machine, execution };
  }
  throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}
