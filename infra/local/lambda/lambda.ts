import { existsSync } from 'node:fs';
import { AwsError } from '../lib/aws-service.ts';
import { type Environment, type EnvironmentState, startEnvironment } from './environment.ts';
import type { FunctionSpec } from './function-model.ts';
import { newInvocation } from './invocation.ts';
import { startWatchdog } from './watchdog.ts';

/**
 * How many invocations run at once, all functions together. An account has 1,000 by default. Here
 * each is a Node.js process of some 50 MB.
 */
export const CONCURRENCY_LIMIT = 50;

/**
 * How long an idle process is kept: longer than most pauses at a terminal, and short enough that
 * the processes of a burst do not fill the machine's memory for the rest of the day.
 */
export const IDLE_MS = 60_000;

export type InvokeResult = {
  /** What the handler returned, or the error object, as JSON. */
  payload: Buffer;
  functionError?: 'Unhandled';
  requestId: string;
  /** The last 4 KB that this invocation logged. */
  logTail: string;
};

export type Lambda = {
  functions: FunctionSpec[];
  /**
   * Invokes a function and waits for its answer.
   *
   * @param payload JSON
   * @param options.traceId X-Ray trace header; without it, one is made up
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException beyond
   *   CONCURRENCY_LIMIT, ServiceException when the service is closed.
   *   An error of the function is a result, with `functionError`.
   */
  invoke(
    name: string,
    payload: Buffer | string,
    options?: { traceId?: string },
  ): Promise<InvokeResult>;
  /** The function's processes. */
  environments(name: string): { pid: number; state: Exclude<EnvironmentState, 'ended'> }[];
  /** Ends the processes that have been idle for IDLE_MS; the service does so by itself now and then. */
  endIdle(): void;
  /** Kills all processes at once; what runs is rejected. Resolves when they are gone. */
  close(): Promise<void>;
};

/**
 * Runs Lambda functions from their bundles on this machine. Each execution environment is a
 * process. Concurrent invocations get one each, and an idle one is frozen and used again. A process
 * that crashes or runs out of time fails its own invocation only. No process outlives this one,
 * however it ends.
 *
 * @param options.log receives what the functions log, line by line
 * @param options.now the time in milliseconds
 */
export async function startLambda(options: {
  functions: FunctionSpec[];
  log: (entry: { functionName: string; line: string }) => void;
  now?: () => number;
}): Promise<Lambda> {
  const { functions, log, now = Date.now } = options;
  for (const spec of functions) checkCode(spec);

  const watchdog = startWatchdog();
  /** With the time of their last use, the most recently used one last. */
  const environments = new Map<Environment, number>();
  const starting = new Set<Promise<Environment>>();
  const sweep = setInterval(endIdle, IDLE_MS / 4).unref();
  let concurrency = 0;
  let closed = false;

  return { functions, invoke, environments: list, endIdle, close };

  async function invoke(
    name: string,
    payload: Buffer | string,
    { traceId }: { traceId?: string } = {},
  ): Promise<InvokeResult> {
    const spec = functions.find((candidate) => candidate.name === name);
    if (!spec) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    }
    if (concurrency >= CONCURRENCY_LIMIT) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    const invocation = newInvocation(spec, payload, traceId);
    concurrency += 1;
    try {
      const environment = frozen(name) ?? (await start(spec));
      const outcome = await environment.invoke(invocation);
      if (environments.delete(environment)) environments.set(environment, now());
      return { ...outcome, requestId: invocation.requestId };
    } finally {
      concurrency -= 1;
    }
  }

  function frozen(name: string): Environment | undefined {
    return [...environments.keys()].findLast(
      (environment) => environment.functionName === name && environment.state() === 'frozen',
    );
  }

  async function start(spec: FunctionSpec): Promise<Environment> {
    refuseWhenClosed();
    const start = startEnvironment(spec, watchdog, (line) => {
      log({ functionName: spec.name, line });
    });
    starting.add(start);
    try {
      const environment = await start;
      environments.set(environment, now());
      void environment.gone.then(() => environments.delete(environment));
      refuseWhenClosed();
      return environment;
    } finally {
      starting.delete(start);
    }
  }

  function list(name: string) {
    return [...environments.keys()].flatMap((environment) => {
      const state = environment.state();
      if (environment.functionName !== name || state === 'ended') return [];
      return [{ pid: environment.pid, state }];
    });
  }

  function endIdle(): void {
    for (const [environment, usedAt] of environments) {
      const idle = environment.state() === 'frozen' && now() - usedAt >= IDLE_MS;
      if (idle) void environment.stop();
    }
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(sweep);
    await Promise.allSettled(starting);
    await Promise.all([...environments.keys()].map((environment) => environment.stop()));
    await watchdog.close();
  }

  function refuseWhenClosed(): void {
    if (closed) throw new AwsError('ServiceException', 'The Lambda service is closed.', 500);
  }
}

function checkCode({ name, codeDir }: FunctionSpec): void {
  if (existsSync(`${codeDir}/index.mjs`)) return;
  throw new Error(
    `The bundle of the function ${name} has no ${codeDir}/index.mjs: synthesize the stack first.`,
  );
}
