import type { Clock } from './clock.ts';
import { OutOfTime, type Reason, StateError } from './errors.ts';
import type { End, Execution, Outcome } from './execution.ts';
import { createHistory } from './history.ts';
import type { Services } from './integrations.ts';
import { runStates } from './interpreter.ts';
import type { Branch } from './state-run.ts';

/**
 * Starts an execution, which then goes on by itself.
 * @param count is called for each event of its history
 */
export function startExecution(
  given: Pick<Execution, 'machine' | 'name' | 'arn' | 'input' | 'number'>,
  { clock, services, count }: { clock: Clock; services: Services; count: () => void },
): Execution {
  const { machine, name, arn } = given;
  const { definition, roleArn, role } = machine;
  const startedAt = clock.now();
  const StartTime = new Date(startedAt).toISOString();
  const input = JSON.parse(given.input);
  const history = createHistory(clock.now, count);
  const over = new AbortController();
  const ended = Promise.withResolvers<End>();
  let end: End | undefined;
  const branch: Branch = {
    last: 0,
    clock,
    deadline: startedAt + (definition.TimeoutSeconds ?? Infinity) * 1000,
    signal: over.signal,
    history,
    services,
    role,
    context: {
      Execution: { Id: arn, Input: input, Name: name, RoleArn: roleArn, StartTime },
      StateMachine: { Id: machine.arn, Name: machine.name },
    },
    variables: {},
  };
  history.add(branch, 'ExecutionStarted', { fields: { roleArn }, data: { input } });
  runStates(branch, definition, input).then(
    (output) => finish({ status: 'SUCCEEDED', output }),
    onError,
  );
  const stop = (reason: Reason) => finish({ status: 'ABORTED', reason });
  return { ...given, startedAt, history, end: () => end, ended: ended.promise, stop };

  function onError(error: Error): void {
    if (error instanceof OutOfTime) finish({ status: 'TIMED_OUT', reason: {} });
    const unforeseen = { error: 'States.Runtime', cause: error.message };
    finish({ status: 'FAILED', reason: error instanceof StateError ? error.reason : unforeseen });
  }

  function finish(outcome: Outcome): End {
    if (end) return end;
    end = { ...outcome, at: clock.now() };
    const { status } = outcome;
    if (outcome.status === 'SUCCEEDED') {
      history.add(branch, 'ExecutionSucceeded', { data: { output: outcome.output } });
    } else {
      // Of a time-out only the event has a name, not the execution.
      const timedOut = status === 'TIMED_OUT' && { error: 'States.Timeout' };
      const type = { FAILED: 'Failed', ABORTED: 'Aborted', TIMED_OUT: 'TimedOut' }[outcome.status];
      history.add(branch, `Execution${type}`, { fields: timedOut || outcome.reason });
    }
    // Whatever it still does ends here: waits, retries, what stands in line.
    over.abort(new Error('The execution is over.'));
    ended.resolve(end);
    return end;
  }
}
