import type { Clock } from '../lib/clock.ts';
import { OutOfTime, type Reason, StateError } from './errors.ts';
import type { Branch, Definition, Details, End, Execution, Outcome } from './model.ts';
import { runStates } from './states.ts';

const ENDS = {
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  ABORTED: 'Aborted',
  TIMED_OUT: 'TimedOut',
};

/** What an execution is started with; `context` is `$states.context`. */
type Given = Pick<Execution, 'stateMachineArn' | 'arn' | 'role' | 'services' | 'tell'> & {
  definition: Definition;
  roleArn: string;
  input: unknown;
  context: object;
  clock: Clock;
};

/** Starts an execution, which then goes on by itself. */
export function startExecution(given: Given): Execution {
  const { clock, context, definition, input, roleArn, ...known } = given;
  const { now } = clock;
  const deadline = now() + (definition.TimeoutSeconds ?? Infinity) * 1000;
  const own = new AbortController();
  const ended = Promise.withResolvers<End>();
  let end: End | undefined;
  const execution: Execution = {
    ...known,
    now,
    at: (time, ring) =>
      clock.at(Math.min(time, deadline), () => ring(time < deadline ? undefined : new OutOfTime())),
    tell: (...event) => {
      own.signal.throwIfAborted();
      given.tell(...event);
    },
    ended: ended.promise,
    end: () => end,
    stop: (reason) => finish({ status: 'ABORTED', reason }, reason),
  };
  const branch: Branch = { execution, signal: own.signal, last: 0, variables: {}, context };
  execution.tell(branch, 'ExecutionStarted', { fields: { roleArn }, data: { input } });
  runStates(branch, definition, input).then(
    (output) => finish({ status: 'SUCCEEDED', output }, undefined, { output }),
    (error: Error) => {
      // Of a time-out only the event has a name, not the execution.
      const timedOut = { error: 'States.Timeout' };
      if (error instanceof OutOfTime) return finish({ status: 'TIMED_OUT', reason: {} }, timedOut);
      const unforeseen = new StateError('States.Runtime', error.message);
      const { reason } = error instanceof StateError ? error : unforeseen;
      return finish({ status: 'FAILED', reason }, reason);
    },
  );
  return execution;

  function finish(outcome: Outcome, fields: Reason = {}, data?: Details['data']): End {
    if (end) return end;
    end = { ...outcome, at: now() };
    execution.tell(branch, `Execution${ENDS[end.status]}`, data ? { data } : { fields });
    // Whatever it still does ends here: waits, retries, what stands in line.
    own.abort(new Error('The execution is over.'));
    ended.resolve(end);
    return end;
  }
}
