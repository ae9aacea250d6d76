import { randomUUID } from 'node:crypto';
import { StateMachine } from 'aws-local-stepfunctions';
import { session } from '../iam/principals.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { StateMachineModel } from '../template/state-machines.ts';
import { type End, type Execution, type Machine, startExecution } from './execution.ts';
import { createCallFunction } from './function-task.ts';
import type { Line } from './line.ts';
import { prepare } from './prepared.ts';

/** A state machine that runs on this machine. Its executions are in memory and end with it. */
export type LocalStateMachine = {
  model: StateMachineModel;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** All, the oldest first. */
  executions: () => Execution[];
  find: (name: string) => Execution | undefined;
  /** @param name one that no execution has */
  start: (input: string, name?: string) => Execution;
  /** Aborts all that are not over. */
  close: () => void;
};

const ERROR_NAME = /^[A-Za-z][\w.]*$/;

/**
 * @param line shared by all state machines
 * @param log takes a line for each execution that is over: its name, how it ended, the error's name
 */
export function createStateMachine(
  model: StateMachineModel,
  { invoke, line, log }: { invoke: Lambda['invoke']; line: Line; log: (line: string) => void },
): LocalStateMachine {
  const { name, arn, role, definition } = model;
  const prepared = prepare(definition);
  const machine: Machine = {
    name,
    arn,
    roleArn: role.arn,
    definition,
    works: prepared.works,
    interpreter: new StateMachine(prepared.definition, {
      // It has been validated already, and what is prepared is a little different.
      validationOptions: { noValidate: true },
    }),
    callFunction: createCallFunction(session({ name, role }), invoke, line),
  };
  const executions = new Map<string, Execution>();

  return {
    model,
    createdAt: Date.now(),
    executions: () => [...executions.values()],
    find: (wanted) => executions.get(wanted),
    start: (input, executionName = randomUUID()) => {
      const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${executionName}`;
      const given = { name: executionName, arn: executionArn, input };
      const execution = startExecution(machine, given, (end) =>
        log(summary(executionName, execution.startedAt, end)),
      );
      executions.set(executionName, execution);
      return execution;
    },
    close: () => {
      for (const execution of executions.values()) execution.stop({});
    },
  };
}

/** Names only: a cause may be data, and so may an error that a Fail state takes from its input. */
function summary(name: string, startedAt: number, end: End): string {
  const error = 'reason' in end ? (end.reason.error ?? '') : '';
  const seconds = ((end.at - startedAt) / 1000).toFixed(1);
  return [name, end.status, ...(ERROR_NAME.test(error) ? [error] : []), seconds, 's'].join(' ');
}
