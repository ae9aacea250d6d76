import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Environment, type EnvironmentState, startEnvironment } from './environment.ts';
import type { FunctionSpec } from './function.ts';
import { type InvokeOptions, newInvocation } from './invocation.ts';
import { LambdaException } from './lambda-exception.ts';
import { startWatchdog } from './watchdog.ts';

export type { FunctionSpec } from './function.ts';

/**
 * How many invocations run at once, all functions together. An account has 1,000 unless told
 * otherwise; here each is a Node.js process of some 50 MB.
 */
export const CONCURRENCY_LIMIT = 50;

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
   * @throws LambdaException ResourceNotFoundException, InvalidRequestContentException,
   *   TooManyRequestsException beyond CONCURRENCY_LIMIT, ServiceException when the service is closed.
   *   An error of the function is a result, with `functionError`.
   */
  invoke(name: string, payload: Buffer | string, options?: InvokeOptions): Promise<InvokeResult>;
  /** The function's processes. */
  environments(name: string): { pid: number; state: Exclude<EnvironmentState, 'ended'> }[];
  /** Kills all processes at once; what runs is rejected. Resolves when they are gone. */
  close(): Promise<void>;
};

/**
 * Runs Lambda functions from their bundles on this machine: each execution environment is a process,
 * concurrent invocations get one each, an idle one is frozen and used again. A process that crashes
 * or runs out of time fails its own invocation only. No process outlives this one, however it ends.
 *
 * @param options.log receives what the functions log, line by line
 */
export async function startLambda(options: {
  functions: FunctionSpec[];
  log: (entry: { functionName: string; line: string }) => void;
}): Promise<Lambda> {
  const { functions, log } = options;
  for (const spec of functions) checkCode(spec);

  const watchdog = startWatchdog();
  /** The most recently used one last. */
  let environments: Environment[] = [];
  const starting = new Set<Promise<Environment>>();
  let concurrency = 0;
  let closed = false;

  return { functions, invoke, environments: list, close };

  async function invoke(
    name: string,
    payload: Buffer | string,
    options: InvokeOptions = {},
  ): Promise<InvokeResult> {
    const spec = functions.find((candidate) => candidate.name === name);
    if (!spec) {
      throw new LambdaException('ResourceNotFoundException', `Function not found: ${name}`);
    }
    const invocation = newInvocation(spec, payload, options);
    if (concurrency >= CONCURRENCY_LIMIT) {
      throw new LambdaException('TooManyRequestsException', 'Rate Exceeded.');
    }
    concurrency += 1;
    try {
      const environment = frozen(name) ?? (await start(spec));
      const outcome = await environment.invoke(invocation);
      moveToEnd(environment);
      return { ...outcome, requestId: invocation.requestId };
    } finally {
      concurrency -= 1;
    }
  }

  function frozen(name: string): Environment | undefined {
    return environments.findLast((e) => e.functionName === name && e.state() === 'frozen');
  }

  async function start(spec: FunctionSpec): Promise<Environment> {
    refuseWhenClosed();
    const start = startEnvironment(spec, watchdog, (line) => {
      log({ functionName: spec.name, line });
    });
    starting.add(start);
    try {
      const environment = await start;
      environments.push(environment);
      void environment.gone.then(() => {
        environments = environments.filter((other) => other !== environment);
      });
      refuseWhenClosed();
      return environment;
    } finally {
      starting.delete(start);
    }
  }

  function moveToEnd(environment: Environment): void {
    if (!environments.includes(environment)) return;
    environments = [...environments.filter((other) => other !== environment), environment];
  }

  function list(name: string) {
    return environments.flatMap((environment) => {
      const state = environment.state();
      if (environment.functionName !== name || state === 'ended') return [];
      return [{ pid: environment.pid, state }];
    });
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.allSettled(starting);
    await Promise.all(environments.map((environment) => environment.stop()));
    await watchdog.close();
  }

  function refuseWhenClosed(): void {
    if (closed) throw new LambdaException('ServiceException', 'The Lambda service is closed.');
  }
}

function checkCode({ name, codeDir }: FunctionSpec): void {
  if (isAbsolute(codeDir) && statSync(codeDir, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Error(
    `codeDir of the function ${name} must be the absolute path of a directory, and is ${codeDir}: synthesize the stack first.`,
  );
}
