import { setTimeout } from 'node:timers/promises';

/** A program that runs until Ctrl-C. */
export type Command = {
  /**
   * Starts everything.
   * @param run.atEnd takes everything that has to end with the process, as soon as it runs.
   * @param run.isStopping whether the end has begun: whatever it cuts off would read like a
   *   failure.
   */
  start: (run: { atEnd(close: () => unknown): void; isStopping(): boolean }) => Promise<void>;
  /** Errors that explain themselves: only their message is printed, without a stack. */
  toldInWords: (new (
    ...args: never[]
  ) => Error)[];
  /** The command line with other ports, for when one is in use. */
  withOtherPorts: string;
};

const QUIET_MS = 250;

/**
 * Runs a command the way a shell expects it. Ctrl-C or a plain kill is the normal end, with 0. A
 * start that fails says why and ends with 1. Everything that was started ends with it, at once.
 */
export const runCommand = async (command: Command): Promise<void> => {
  const running: (() => unknown)[] = [];
  let stopping = false;
  let lastSignal = 0;

  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await Promise.allSettled(running.map((close) => close()));
    if (code === 0) console.log('Stopped.');
    // A process that is exiting no longer handles signals. npm repeats each Ctrl-C, and so do
    // people. One that arrived now would make npm's own exit code that of a crash.
    while (Date.now() < lastSignal + QUIET_MS) await setTimeout(QUIET_MS / 5);
    process.exit(code);
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      lastSignal = Date.now();
      void stop(0);
    });
  }

  try {
    await command.start({
      atEnd: (close) => void running.push(close),
      isStopping: () => stopping,
    });
  } catch (error) {
    if (!stopping) console.error(explain(error, command));
    await stop(1);
  }
};

/** Mistakes of the caller's, and what cannot be done, are reported in words, without a stack. */
const explain = (error: unknown, { toldInWords, withOtherPorts }: Command): string => {
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `The port ${port} is in use: end what uses it, or choose another one, as in ${withOtherPorts}`;
  }
  const known = toldInWords.some((kind) => error instanceof kind);
  return known || !stack ? message : stack;
};
