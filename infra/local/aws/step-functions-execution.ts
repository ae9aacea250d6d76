import type { Execution } from '../states/execution.ts';
import type { LocalStateMachine } from '../states/state-machine.ts';
import { historyEvent } from './step-functions-history.ts';
import { optionalText } from './step-functions-input.ts';
import { page } from './step-functions-page.ts';

type Input = Record<string, unknown>;

/** The operations on an execution. */
export const EXECUTION_OPERATIONS = new Map<
  string,
  (execution: Execution, input: Input, machine: LocalStateMachine) => object
>([
  ['DescribeExecution', describe],
  ['StopExecution', stop],
  ['GetExecutionHistory', history],
]);

function describe(execution: Execution, _: Input, machine: LocalStateMachine): object {
  const end = execution.end();
  return {
    executionArn: execution.arn,
    stateMachineArn: machine.model.arn,
    name: execution.name,
    status: end?.status ?? 'RUNNING',
    startDate: execution.startedAt / 1000,
    input: execution.input,
    inputDetails: { included: true },
    ...(end && { stopDate: end.at / 1000 }),
    ...(end?.status === 'SUCCEEDED'
      ? { output: JSON.stringify(end.output), outputDetails: { included: true } }
      : end?.reason),
  };
}

/** Whether it was over already makes no difference to the answer. */
function stop(execution: Execution, { error, cause }: Input): object {
  const { at } = execution.stop({
    error: optionalText(error, 'error'),
    cause: optionalText(cause, 'cause'),
  });
  return { stopDate: at / 1000 };
}

function history(execution: Execution, input: Input): object {
  const { reverseOrder = false, includeExecutionData = true } = input;
  const { items, nextToken } = page(execution.history.events, input, {
    reverse: reverseOrder === true,
  });
  return {
    events: items.map((event) => historyEvent(event, includeExecutionData === true)),
    nextToken,
  };
}
