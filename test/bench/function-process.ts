import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Outcome } from '../../infra/local/lambda/errors.ts';
import type { FunctionSpec } from '../../infra/local/lambda/function-model.ts';
import {
  type RuntimeListener,
  startRuntimeProcess,
} from '../../infra/local/lambda/runtime-process.ts';

/** A function in a process of its own, as Lambda starts it, and never frozen. */
export type FunctionProcess = {
  pid: number;
  /** When the process was started, by `performance.now()`. */
  startedAt: number;
  /** From there until it asked for its first invocation, in milliseconds. */
  initMs: number;
  /** @returns what the handler returned. @throws Error with the function's log if it failed. */
  invoke(event: unknown): Promise<unknown>;
  /** What the process has used of the processors, in milliseconds. */
  cpuMs(): number;
  /** Its memory, in megabytes. */
  memoryMb(): number;
  stop(): Promise<void>;
};

/** Starts a function and waits until it asks for an invocation. */
export const startFunction = async (spec: FunctionSpec): Promise<FunctionProcess> => {
  let idle = Promise.withResolvers<void>();
  let answered = Promise.withResolvers<Outcome>();
  let failed = false;
  const startedAt = performance.now();
  const listener: RuntimeListener = {
    onNext: () => idle.resolve(),
    onOutcome: (outcome) => {
      failed = 'functionError' in outcome;
      answered.resolve(outcome);
    },
  };
  // Without a shell, which Lambda does not start either.
  const runtime = await startRuntimeProcess(spec, listener, []);
  let log = '';
  runtime.output.on('data', (chunk) => {
    log = (log + chunk).slice(-4096);
  });
  const explain = (what: string) => new Error(`${spec.name} ${what}:\n${log}`);
  const ended = runtime.exit.then(() => Promise.reject(explain('has ended')));
  ended.catch(() => undefined); // whoever waits for the process is told
  await Promise.race([idle.promise, ended]);
  const initMs = performance.now() - startedAt;

  return {
    pid: runtime.pid,
    startedAt,
    initMs,
    async invoke(event) {
      await Promise.race([idle.promise, ended]);
      idle = Promise.withResolvers();
      answered = Promise.withResolvers();
      runtime.deliver({
        requestId: randomUUID(),
        functionArn: spec.arn,
        deadlineMs: Date.now() + spec.timeoutMs,
        traceId: 'Root=1-00000000-000000000000000000000000;Sampled=0',
        payload: JSON.stringify(event),
      });
      const { payload } = await Promise.race([answered.promise, ended]);
      if (failed) throw explain(`failed, ${payload}`);
      return JSON.parse(String(payload));
    },
    cpuMs: () => cpuMsOf(runtime.pid),
    memoryMb: () => residentMb(runtime.pid),
    async stop() {
      runtime.signal('SIGKILL');
      await runtime.exit;
    },
  };
};

/** Of all its threads, to the nanosecond: https://docs.kernel.org/scheduler/sched-stats.html */
const cpuMsOf = (pid: number): number => {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return threads.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
};

const residentMb = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
};
