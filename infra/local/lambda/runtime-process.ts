import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentVariables } from './environment-variables.ts';
import {
  type Exit,
  MAX_RESPONSE_BYTES,
  type Outcome,
  responseTooLarge,
  unhandled,
} from './errors.ts';
import type { FunctionSpec } from './function-model.ts';

/** One invocation as the process gets it. */
export type Invocation = {
  requestId: string;
  functionArn: string;
  /** Milliseconds since 1970. */
  deadlineMs: number;
  traceId: string;
  /** JSON */
  payload: string;
};

/** What the process says, over the channel that Node gives to a child. */
export type RuntimeListener = {
  /** It waits for an invocation. */
  onNext(): void;
  /** It has the outcome of the current one, or could not load the function, which also ends it. */
  onOutcome(outcome: Outcome): void;
};

export type RuntimeProcess = {
  /** Also the number of its process group, which holds everything that the function starts. */
  pid: number;
  /** stdout and stderr, in the order of writing. */
  output: Readable;
  /** Resolves with the exit code, or the signal that killed the process. */
  exit: Promise<Exit>;
  /** Hands it the invocation that it waits for. */
  deliver(invocation: Invocation): void;
  /** To the whole group. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  /** Resolves when everything that the process has written and said so far is read. */
  outputRead(): Promise<void>;
};

const BOOTSTRAP = fileURLToPath(new URL('bootstrap/index.mjs', import.meta.url));

/**
 * The shell only makes stderr the same pipe as stdout, as in a function's log, and then ends. Functions
 * come behind the process that is all of AWS here: each of 40 at once would otherwise get the processor
 * as often as the table and the gateway that all of them wait for.
 */
const LAUNCH = ['/bin/sh', '-c', 'exec nice -n 5 "$0" "$@" 2>&1'];

/**
 * Starts the runtime of one execution environment under the Node.js that runs this.
 * @param launch what comes before the command; the benchmark measures the process without it.
 */
export async function startRuntimeProcess(
  spec: FunctionSpec,
  { onNext, onOutcome }: RuntimeListener,
  launch = LAUNCH,
): Promise<RuntimeProcess> {
  const runtime = [process.execPath, `--max-old-space-size=${heapMb(spec)}`, BOOTSTRAP];
  const [command = '', ...args] = [...launch, ...runtime];
  const child = spawn(command, args, {
    cwd: spec.codeDir,
    // A session of its own: Ctrl-C in a terminal must not reach the functions.
    detached: true,
    env: environmentVariables(spec),
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  child.on('message', (message: 'next' | { payload: string; functionError?: 'Unhandled' }) => {
    if (message === 'next') return onNext();
    const payload = Buffer.from(message.payload);
    const fits = payload.length <= MAX_RESPONSE_BYTES;
    onOutcome(fits ? { ...message, payload } : unhandled(responseTooLarge()));
  });
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const pid = await pidOf(child, exit);
  return {
    pid,
    output: child.stdout as Readable,
    exit,
    // If the process has ended meanwhile, `exit` reports it.
    deliver: (invocation) => void child.send(invocation, () => {}),
    signal,
    outputRead,
  };

  function signal(name: NodeJS.Signals): void {
    try {
      process.kill(-pid, name);
    } catch {
      // The group is gone already.
    }
  }
}

/** Lambda's own runtime leaves a tenth of the memory to everything but the heap. */
function heapMb({ memoryMb }: FunctionSpec): number {
  return memoryMb - Math.floor(memoryMb / 10);
}

/** Without a pid, `exit` has the reason: it rejects with the error of the spawn. */
async function pidOf(child: ChildProcess, exit: RuntimeProcess['exit']): Promise<number> {
  if (child.pid === undefined) await exit;
  return child.pid as number;
}

/**
 * When the operating system reports an answer or an exit, it already has everything that was
 * written before. One round of the event loop reads it. The second is for a round that is in
 * progress.
 */
async function outputRead(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
