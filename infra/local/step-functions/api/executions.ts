import { AwsError } from '../../lib/aws-service.ts';
import { StateError } from '../errors.ts';
import type { Execution, Machine, OpenTask } from '../execution.ts';
import type { HistoryEvent } from '../history.ts';
import type { Runner } from '../runner.ts';
import { executionInput, executionName, json, optionalText } from './input.ts';
import { page } from './page.ts';

type Input = Record<string, unknown>;

export function startExecution({ arn }: Machine, { name, input }: Input, runner: Runner): object {
  const execution = runner.start(arn, executionInput(input), executionName(name));
  return { executionArn: execution.arn, startDate: execution.startedAt / 1000 };
}

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** The newest first. */
export function listExecutions(machine: Machine, input: Input, runner: Runner): object {
  const { statusFilter: filter } = input;
  if (filter !== undefined && !STATUSES.includes(String(filter))) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [${STATUSES.join(', ')}]`,
    );
  }
  const matching = [...runner.executions.values()].filter(
    (one) => one.machine.arn === machine.arn && (!filter || statusOf(one) === filter),
  );
  const { items, nextToken } = page(matching.toReversed(), input, ({ number }) => number);
  return { executions: items.map(overview), nextToken };
}

export function describeExecution(execution: Execution): object {
  const end = execution.end();
  return {
    ...overview(execution),
    input: execution.input,
    inputDetails: { included: true },
    ...(end?.status === 'SUCCEEDED'
      ? { output: JSON.stringify(end.output), outputDetails: { included: true } }
      : end?.reason),
  };
}

function overview(execution: Execution): object {
  const { arn, machine, name, startedAt } = execution;
  const end = execution.end();
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status: statusOf(execution),
    startDate: startedAt / 1000,
    ...(end && { stopDate: end.at / 1000 }),
  };
}

function statusOf(execution: Execution): string {
  return execution.end()?.status ?? 'RUNNING';
}

/** Whether it was over already makes no difference to the answer. */
export function stopExecution(execution: Execution, { error, cause }: Input): object {
  const { at } = execution.stop({
    error: optionalText(error, 'error'),
    cause: optionalText(cause, 'cause'),
  });
  return { stopDate: at / 1000 };
}

export function getExecutionHistory({ history }: Execution, input: Input): object {
  const { reverseOrder, includeExecutionData = true } = input;
  const events = reverseOrder === true ? history.events.toReversed() : history.events;
  const { items, nextToken } = page(events, input, ({ id }) => id);
  return { events: items.map((event) => asJson(event, includeExecutionData === true)), nextToken };
}

/**
 * An event as the API gives it: data is JSON in JSON. Nothing is cut off here; AWS keeps no such note of
 * parameters.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
function asJson({ fields, data, assigned, ...event }: HistoryEvent, withData: boolean): object {
  const { type, timestamp } = event;
  const text = Object.entries({ ...data }).flatMap(([name, value]) => [
    [name, JSON.stringify(value)],
    ...(name === 'parameters' ? [] : [[`${name}Details`, { truncated: false }]]),
  ]);
  const variables = assigned && {
    assignedVariables: Object.fromEntries(
      Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    assignedVariablesDetails: { truncated: false },
  };
  const details = { ...fields, ...(withData && { ...Object.fromEntries(text), ...variables }) };
  // All types of states share one kind of details.
  const name = type.replace(/^\w+(?=State(Entered|Exited)$)/, '');
  const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
  const isBare = fields === undefined && data === undefined;
  return { ...event, timestamp: timestamp / 1000, ...(!isBare && { [key]: details }) };
}

export function sendTaskSuccess(task: OpenTask, { output }: Input): void {
  task.resolve(json(output, 'output', 'InvalidOutput', "Invalid Output: 'not JSON'"));
}

export function sendTaskFailure(task: OpenTask, { error, cause }: Input): void {
  const [name = null, why = null] = [optionalText(error, 'error'), optionalText(cause, 'cause')];
  task.reject(new StateError(name, why));
}
