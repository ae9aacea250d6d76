import { AwsError } from '../lib/aws-service.ts';
import {
  exited,
  type FunctionError,
  type Outcome,
  platformLine,
  timedOut,
  unhandled,
} from './errors.ts';
import type { FunctionSpec } from './function-model.ts';
import type { NewInvocation } from './invocation.ts';
import { createInvocationLog } from './invocation-log.ts';
import { startRuntimeProcess } from './runtime-process.ts';
import type { Watchdog } from './watchdog.ts';

/** Loading the function may take this long, on Lambda and here. After that, its time-out counts. */
const INIT_LIMIT_MS = 10_000;

export type EnvironmentState = 'starting' | 'busy' | 'frozen' | 'ended';

export type Environment = {
  functionName: string;
  pid: number;
  state(): EnvironmentState;
  /**
   * For an environment that is new or frozen.
   *
   * @throws AwsError ServiceException when it is stopped meanwhile
   */
  invoke(invocation: NewInvocation): Promise<LoggedOutcome>;
  /** Kills the process, and nobody gets it any more. */
  stop(): Promise<void>;
  /** Resolves when the process is gone. */
  gone: Promise<void>;
};

export type LoggedOutcome = Outcome & { logTail: string };

type Running = {
  invocation: NewInvocation;
  startedAt: number;
  timer: NodeJS.Timeout;
  resolve(outcome: LoggedOutcome): void;
  reject(error: Error): void;
  outcome?: Outcome;
  timedOut?: FunctionError;
};

/**
 * Starts one execution environment: a process that handles one invocation at a time and is frozen
 * in between (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). Frozen
 * means stopped by SIGSTOP once it waits for the next invocation: until that comes, no timer runs
 * and no socket is read.
 *
 * @param spec the function
 * @param watchdog watches the process
 * @param onLine receives what the process writes to stdout and stderr, line by line
 */
export async function startEnvironment(
  spec: FunctionSpec,
  watchdog: Watchdog,
  onLine: (line: string) => void,
): Promise<Environment> {
  let state: EnvironmentState = 'starting';
  let stopped = false;
  let running: Running | undefined;

  const log = createInvocationLog(onLine);
  const runtime = await startRuntimeProcess(spec, { onNext, onOutcome });
  watchdog.watch(runtime.pid);
  runtime.output.on('data', log.write);
  const gone = runtime.exit.then(onExit);

  return { functionName: spec.name, pid: runtime.pid, state: () => state, invoke, stop, gone };

  function invoke(invocation: NewInvocation): Promise<LoggedOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<LoggedOutcome>();
    const timer = setTimeout(onTimeOut, INIT_LIMIT_MS + spec.timeoutMs);
    running = { invocation, startedAt: performance.now(), timer, resolve, reject };
    log.begin();
    if (state === 'frozen') {
      runtime.signal('SIGCONT');
      deliver(running);
    }
    return promise;
  }

  function deliver(to: Running): void {
    state = 'busy';
    clearTimeout(to.timer);
    to.timer = setTimeout(onTimeOut, spec.timeoutMs);
    to.startedAt = performance.now();
    runtime.deliver({ ...to.invocation, deadlineMs: Date.now() + spec.timeoutMs });
  }

  function onNext(): void {
    if (running && !running.outcome) {
      deliver(running);
    } else {
      runtime.signal('SIGSTOP');
      void settle();
    }
  }

  function onOutcome(outcome: Outcome): void {
    if (running) running.outcome = outcome;
  }

  function onTimeOut(): void {
    if (running) running.timedOut = timedOut(spec.timeoutMs);
    runtime.signal('SIGKILL');
  }

  async function onExit(exit: Awaited<typeof runtime.exit>): Promise<void> {
    state = 'ended';
    // Processes that the function started and left behind go too.
    runtime.signal('SIGKILL');
    watchdog.forget(runtime.pid);
    await runtime.outputRead();
    if (running && !running.outcome && !stopped) fail(running, running.timedOut ?? exited(exit));
    await settle();
  }

  function fail(failed: Running, error: FunctionError): void {
    const { requestId } = failed.invocation;
    const durationMs = performance.now() - failed.startedAt;
    log.end();
    log.write(Buffer.from(platformLine(spec.memoryMb, requestId, durationMs, error)));
    const errorMessage = `RequestId: ${requestId} Error: ${error.errorMessage}`;
    failed.outcome = unhandled({ ...error, errorMessage });
  }

  /** The invocation is over. An answer counts even if the process died right after it. */
  async function settle(): Promise<void> {
    if (!running) return;
    const { outcome, resolve, reject, timer, timedOut } = running;
    running = undefined;
    clearTimeout(timer);
    await runtime.outputRead();
    log.end();
    // If its time ran out just before its answer came, it is being killed, and nobody may get it
    // next.
    if (state === 'busy' && !timedOut) state = 'frozen';
    if (outcome) resolve({ ...outcome, logTail: log.tail() });
    else reject(new AwsError('ServiceException', 'The local Lambda service was stopped.', 500));
  }

  async function stop(): Promise<void> {
    stopped = true;
    state = 'ended';
    runtime.signal('SIGKILL');
    await gone;
  }
}
