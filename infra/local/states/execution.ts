import type { RunOptions, StateMachine } from 'aws-local-stepfunctions';
import { MAX_DATA_BYTES, tooLarge } from './data-limit.ts';
import type { Definition } from './definition.ts';
import { type Entered, failureOf, type Reason } from './failure.ts';
import type { CallFunction } from './function-task.ts';
import { createHistory, type History } from './history.ts';
import type { Work } from './prepared.ts';
import { TerminalError } from './state-error.ts';
import { MAX_TIMER_MS } from './time.ts';
import { handler } from './works.ts';

/** How an execution ended, and when, in milliseconds since 1970. */
export type End = Outcome & { at: number };

type Outcome =
  | { status: 'SUCCEEDED'; output: unknown }
  | { status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; reason: Reason };

/** An execution of a state machine, going on or over. */
export type Execution = {
  name: string;
  arn: string;
  /** JSON, as it was given. */
  input: string;
  /** In milliseconds since 1970. */
  startedAt: number;
  history: History;
  end: () => End | undefined;
  /** Aborts it, if it is not over. A function that it called runs on. */
  stop: (reason: Reason) => End;
};

/** What all executions of a machine have in common. */
export type Machine = {
  name: string;
  arn: string;
  roleArn: string;
  definition: Definition;
  works: Record<string, Work>;
  interpreter: StateMachine;
  callFunction: CallFunction;
};

/**
 * Starts an execution, which then goes on by itself.
 * @param given `input` is JSON
 * @param onEnd is told once, when it is over
 */
export function startExecution(
  machine: Machine,
  given: { name: string; arn: string; input: string },
  onEnd: (end: End) => void,
): Execution {
  const { definition, roleArn } = machine;
  const history = createHistory(onTooLong);
  const over = new AbortController();
  const input = JSON.parse(given.input);
  const startedAt = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let entered: Entered | undefined;
  let end: End | undefined;

  const { TimeoutSeconds: seconds } = definition;
  if (seconds !== undefined) timer = setTimeout(onTimeOut, Math.min(seconds * 1000, MAX_TIMER_MS));
  history.add(
    'ExecutionStarted',
    { name: 'executionStartedEventDetails', fields: { roleArn }, data: { input } },
    startedAt,
  );
  const run = machine.interpreter.run(input, runOptions());
  const settled = run.result.then(
    (output) => ({ output }),
    (error: Error) => ({ error: error.cause as Error }),
  );
  const execution: Execution = { ...given, startedAt, history, end: () => end, stop };
  void follow();
  return execution;

  function runOptions(): RunOptions {
    const surroundings = { callFunction: machine.callFunction, history, signal: over.signal };
    const handlers = Object.entries(machine.works).map(([state, work]) => [
      state,
      handler(work, surroundings),
    ]);
    return {
      noThrowOnAbort: true,
      overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
      context: {
        Execution: { Id: given.arn, Name: given.name, RoleArn: roleArn },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
    };
  }

  /** Notes which states are entered and left. What happens in a task, the task notes itself. */
  async function follow(): Promise<void> {
    for await (const event of run.eventLogs) {
      if (end) return;
      if (event.type !== 'StateEntered' && event.type !== 'StateExited') continue;
      const { name, input, output } = event.state;
      // Not the event's own type: some states are done as tasks.
      const type = definition.States[name]?.Type ?? '';
      const enters = event.type === 'StateEntered';
      if (enters) entered = { name, type, eventId: history.events.length + 1 };
      history.add(
        `${type}${event.type}`,
        {
          name: enters ? 'stateEnteredEventDetails' : 'stateExitedEventDetails',
          fields: { name },
          data: enters ? { input } : { output },
        },
        event.timestamp,
      );
      if (!enters && Buffer.byteLength(JSON.stringify(output ?? null)) > MAX_DATA_BYTES) {
        const { name: error, message: cause } = tooLarge(name);
        finish({ status: 'FAILED', reason: { error, cause } });
        return;
      }
    }
    const result = await settled;
    if ('output' in result) finish({ status: 'SUCCEEDED', ...result });
    else finish({ status: 'FAILED', reason: failureOf(result.error, entered) });
  }

  function stop(reason: Reason): End {
    return finish({ status: 'ABORTED', reason });
  }

  function onTimeOut(): void {
    finish({ status: 'TIMED_OUT', reason: {} });
  }

  function onTooLong(): void {
    const cause = 'The execution reached the maximum number of history events (25000).';
    finish({ status: 'FAILED', reason: { error: 'States.Runtime', cause } });
  }

  function finish(outcome: Outcome): End {
    if (end) return end;
    end = { ...outcome, at: Date.now() };
    clearTimeout(timer);
    switch (outcome.status) {
      case 'SUCCEEDED':
        history.add('ExecutionSucceeded', {
          name: 'executionSucceededEventDetails',
          data: { output: outcome.output },
        });
        break;
      case 'FAILED':
        history.add('ExecutionFailed', {
          name: 'executionFailedEventDetails',
          fields: outcome.reason,
        });
        break;
      case 'ABORTED':
        history.add('ExecutionAborted', {
          name: 'executionAbortedEventDetails',
          fields: outcome.reason,
        });
        break;
      case 'TIMED_OUT':
        // Only the event has a name for it, not the execution.
        history.add('ExecutionTimedOut', {
          name: 'executionTimedOutEventDetails',
          fields: { error: 'States.Timeout' },
        });
    }
    // Whatever it still does ends here: waits, retries, what stands in line.
    over.abort(new TerminalError('Over', ''));
    run.abort();
    onEnd(end);
    return end;
  }
}
