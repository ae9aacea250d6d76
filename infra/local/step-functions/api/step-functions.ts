import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../lib/account.ts';
import {
  AwsError,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../../lib/aws-service.ts';
import type { OpenTask } from '../model.ts';
import {
  describeExecution,
  getExecutionHistory,
  listExecutions,
  sendTaskFailure,
  sendTaskSuccess,
  startExecution,
  stopExecution,
} from './executions.ts';
import { arn, resourceName } from './input.ts';
import {
  createMachine,
  deleteMachine,
  describeMachine,
  listMachines,
  type Surroundings,
} from './machines.ts';
import type { KnownExecution, Machine, Runner } from './runner.ts';

type Input = Record<string, unknown>;

/**
 * An operation. It authorizes before it says whether there is such a thing, so that nobody learns what is
 * not theirs to see.
 */
type Operation = (
  input: Input,
  runner: Runner,
  allow: (resource: string) => string,
  surroundings: Surroundings,
) => object;

const CONTENT_TYPE = 'application/x-amz-json-1.0';

const NO_TASK = "Task Timed Out: 'Provided task does not exist anymore'";

const onMachine =
  (perform: (machine: Machine, input: Input, runner: Runner) => object): Operation =>
  (input, runner, allow) =>
    perform(runner.machine(allow(arn(input.stateMachineArn, 'stateMachine'))), input, runner);

const onExecution =
  (perform: (execution: KnownExecution, input: Input) => object): Operation =>
  (input, runner, allow) => {
    const executionArn = allow(arn(input.executionArn, 'execution'));
    const execution = runner.executions.get(executionArn);
    if (execution) return perform(execution, input);
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
  };

const onTask =
  (perform: (task: OpenTask, input: Input) => void): Operation =>
  (input, runner, allow) => {
    const task = runner.openTasks.get(String(input.taskToken));
    allow(task?.stateMachineArn ?? '*');
    if (!task) throw new AwsError('TaskTimedOut', NO_TASK);
    perform(task, input);
    return {};
  };

const OPERATIONS: Record<string, Operation> = {
  CreateStateMachine: (input, runner, allow, surroundings) => {
    const name = resourceName(input.name);
    const machineArn = `arn:aws:states:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stateMachine:${name}`;
    return createMachine(runner, surroundings, { arn: allow(machineArn), name }, input);
  },
  DeleteStateMachine: onMachine(deleteMachine),
  DescribeExecution: onExecution(describeExecution),
  DescribeStateMachine: onMachine(describeMachine),
  GetExecutionHistory: onExecution(getExecutionHistory),
  ListExecutions: onMachine(listExecutions),
  ListStateMachines: (input, runner, allow) => {
    allow('*');
    return listMachines(runner, input);
  },
  SendTaskFailure: onTask(sendTaskFailure),
  SendTaskHeartbeat: onTask((task) => task.heartbeat()),
  SendTaskSuccess: onTask(sendTaskSuccess),
  StartExecution: onMachine(startExecution),
  StopExecution: onExecution(stopExecution),
};

/**
 * Step Functions: state machines, their executions, and tasks by their tokens.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
export function createStepFunctions(runner: Runner, surroundings: Surroundings): AwsService {
  return {
    name: 'states',
    tell: (error) => tellAsJson(CONTENT_TYPE, error),
    handle: async ({ headers, body, principal }) => {
      const name = String(headers['x-amz-target']).split('.')[1] ?? '';
      const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
      if (!operation) {
        const known = Object.keys(OPERATIONS).join(', ');
        const what = `The local Step Functions has ${known}, not ${name}.`;
        throw new AwsError('UnknownOperationException', what);
      }
      const allow = (resource: string) => {
        authorize(principal, `states:${name}`, resource);
        return resource;
      };
      const answer = operation(parseJsonObject(body), runner, allow, surroundings);
      return {
        status: 200,
        headers: { 'content-type': CONTENT_TYPE },
        body: JSON.stringify(answer),
      };
    },
  };
}
