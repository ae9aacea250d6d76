import { AwsError } from '../../lib/aws-service.ts';
import { StateError } from '../errors.ts';
import type { OpenTask } from '../model.ts';
import { asJson } from './history.ts';
import { json, reason } from './input.ts';
import { page } from './page.ts';
import type { KnownExecution, Machine, Runner } from './runner.ts';

type Input = Record<string, unknown>;

export function startExecution({ arn }: Machine, { name, input }: Input, runner: Runner): object {
  const execution = runner.start(arn, input, name);
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

export function describeExecution(execution: KnownExecution): object {
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

function overview(execution: KnownExecution): object {
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

function statusOf(execution: KnownExecution): string {
  return execution.end()?.status ?? 'RUNNING';
}

/** Whether it was over already makes no difference to the answer. */
export function stopExecution(execution: KnownExecution, input: Input): object {
  return { stopDate: execution.stop(reason(input)).at / 1000 };
}

export function getExecutionHistory({ history }: KnownExecution, input: Input): object {
  const { reverseOrder, includeExecutionData = true } = input;
  const events = reverseOrder === true ? history.events.toReversed() : history.events;
  const { items, nextToken } = page(events, input, ({ id }) => id);
  return { events: items.map((event) => asJson(event, includeExecutionData === true)), nextToken };
}

export function sendTaskSuccess(task: OpenTask, { output }: Input): void {
  task.resolve(json(output, 'output', 'InvalidOutput', "Invalid Output: 'not JSON'"));
}

export function sendTaskFailure(task: OpenTask, input: Input): void {
  const { error = null, cause = null } = reason(input);
  task.reject(new StateError(error, cause));
}
