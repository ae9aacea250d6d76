import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import {
  AwsError,
  type AwsRequest,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import {
  describeExecution,
  getExecutionHistory,
  listExecutions,
  startExecution,
  stopExecution,
  TASK_OPERATIONS,
} from './api-executions.ts';
import {
  createMachine,
  deleteMachine,
  describeMachine,
  listMachines,
  type Surroundings,
} from './api-machines.ts';
import type { Execution, Machine } from './execution.ts';
import { arn, resourceName } from './input.ts';
import type { Runner } from './runner.ts';

type Input = Record<string, unknown>;

const CONTENT_TYPE = 'application/x-amz-json-1.0';

const ON_MACHINE = new Map<string, (machine: Machine, input: Input, runner: Runner) => object>([
  ['StartExecution', startExecution],
  ['ListExecutions', listExecutions],
  ['DescribeStateMachine', describeMachine],
  ['DeleteStateMachine', deleteMachine],
]);

const ON_EXECUTION = new Map<string, (execution: Execution, input: Input) => object>([
  ['DescribeExecution', describeExecution],
  ['GetExecutionHistory', getExecutionHistory],
  ['StopExecution', stopExecution],
]);

const NO_TASK = "Task Timed Out: 'Provided task does not exist anymore'";
const OTHERS = ['CreateStateMachine', 'ListStateMachines'];

/**
 * Step Functions: state machines, their executions, and tasks by their tokens.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
export function createStepFunctions(runner: Runner, surroundings: Surroundings): AwsService {
  return {
    name: 'states',
    tell: (error) => tellAsJson(CONTENT_TYPE, error),
    handle: async (request) => ({
      status: 200,
      headers: { 'content-type': CONTENT_TYPE },
      body: JSON.stringify(perform(request)),
    }),
  };

  function perform({ headers, body, principal }: AwsRequest): object {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    const input = parseJsonObject(body);
    // Before it is said whether there is such a thing, so that nobody learns what is not theirs to see.
    const allow = (resource: string) => {
      authorize(principal, `states:${operation}`, resource);
      return resource;
    };
    const onMachine = ON_MACHINE.get(operation);
    if (onMachine) {
      return onMachine(
        runner.machine(allow(arn(input.stateMachineArn, 'stateMachine'))),
        input,
        runner,
      );
    }
    const onExecution = ON_EXECUTION.get(operation);
    if (onExecution) {
      return onExecution(runner.execution(allow(arn(input.executionArn, 'execution'))), input);
    }
    const onTask = TASK_OPERATIONS.get(operation);
    if (onTask) {
      const task = runner.openTasks.get(String(input.taskToken));
      allow(task?.stateMachineArn ?? '*');
      if (!task) throw new AwsError('TaskTimedOut', NO_TASK);
      onTask(task, input);
      return {};
    }
    if (operation === 'ListStateMachines') {
      allow('*');
      return listMachines(runner, input);
    }
    if (operation === 'CreateStateMachine') {
      const name = resourceName(input.name);
      const machineArn = `arn:aws:states:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stateMachine:${name}`;
      return createMachine(runner, surroundings, { arn: allow(machineArn), name }, input);
    }
    const known = [
      ...ON_MACHINE.keys(),
      ...ON_EXECUTION.keys(),
      ...TASK_OPERATIONS.keys(),
      ...OTHERS,
    ];
    throw new AwsError(
      'UnknownOperationException',
      `The local Step Functions has ${known.join(', ')}, not ${operation}.`,
    );
  }
}
