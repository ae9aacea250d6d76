import { OutOfTime, type Reason, StateError } from './errors.ts';
import type { Branch, End, Execution, Outcome } from './execution.ts';
import { createHistory } from './history.ts';
import { Scope } from './scope.ts';
import { runStates } from './states.ts';

type Given = Pick<
  Execution,
  'machine' | 'name' | 'arn' | 'input' | 'number' | 'clock' | 'services'
>;

/**
 * Starts an execution, which then goes on by itself.
 * @param onEvent is called for each event of its history
 */
export function startExecution(given: Given, onEvent: () => void): Execution {
  const { machine, name, arn, clock } = given;
  const { definition, roleArn } = machine;
  const startedAt = clock.now();
  const input = JSON.parse(given.input);
  const scope = new Scope();
  const ended = Promise.withResolvers<End>();
  let end: End | undefined;
  const execution: Execution = {
    ...given,
    startedAt,
    deadline: startedAt + (definition.TimeoutSeconds ?? Infinity) * 1000,
    history: createHistory(clock.now, onEvent),
    end: () => end,
    ended: ended.promise,
    stop: (reason) => finish({ status: 'ABORTED', reason }),
  };
  const StartTime = new Date(startedAt).toISOString();
  const context = {
    Execution: { Id: arn, Input: input, Name: name, RoleArn: roleArn, StartTime },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
  const branch: Branch = { last: 0, execution, scope, context, variables: {} };
  const { add } = execution.history;
  add(branch, 'ExecutionStarted', { fields: { roleArn }, data: { input } });
  runStates(branch, definition, input).then(
    (output) => finish({ status: 'SUCCEEDED', output }),
    (error: Error) => finish(failure(error)),
  );
  return execution;

  function finish(outcome: Outcome): End {
    if (end) return end;
    end = { ...outcome, at: clock.now() };
    if (outcome.status === 'SUCCEEDED') {
      add(branch, 'ExecutionSucceeded', { data: { output: outcome.output } });
    } else {
      // Of a time-out only the event has a name, not the execution.
      const timedOut = outcome.status === 'TIMED_OUT' && { error: 'States.Timeout' };
      add(branch, ENDS[outcome.status], { fields: timedOut || outcome.reason });
    }
    // Whatever it still does ends here: waits, retries, what stands in line.
    scope.cancel(new Error('The execution is over.'));
    ended.resolve(end);
    return end;
  }
}

const ENDS = {
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
};

function failure(error: Error): Outcome {
  if (error instanceof OutOfTime) return { status: 'TIMED_OUT', reason: {} };
  const unforeseen: Reason = { error: 'States.Runtime', cause: error.message };
  return { status: 'FAILED', reason: error instanceof StateError ? error.reason : unforeseen };
}
