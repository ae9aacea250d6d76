import { constants } from 'node:os';

/** What an invocation ends with: the handler's result, or an error in its place. */
export type Outcome = { payload: Buffer; functionError?: 'Unhandled' };

/** How a process ended, as `child_process` tells it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** The largest answer in bytes: "6 MB" in Lambda's quotas, and this number in its error. */
export const MAX_RESPONSE_BYTES = 6_291_556;

/** An error that the service reports in the function's place. */
export type FunctionError = { errorType: string; errorMessage: string };

/** @param timeoutMs the function's time-out */
export function timedOut(timeoutMs: number): FunctionError {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `Task timed out after ${seconds} seconds`,
  };
}

/** The process ended before it answered. */
export function exited({ code, signal }: Exit): FunctionError {
  return { errorType: 'Runtime.ExitError', errorMessage: exitMessage(code, signal) };
}

/** The answer is larger than MAX_RESPONSE_BYTES. */
export function responseTooLarge(): FunctionError {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
}

export function unhandled(error: FunctionError): Outcome {
  return { payload: Buffer.from(JSON.stringify(error)), functionError: 'Unhandled' };
}

function exitMessage(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signalText(signal)}`;
  if (code === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

/** Lambda is written in Go and names signals as Go does. */
function signalText(signal: NodeJS.Signals): string {
  const texts: Partial<Record<NodeJS.Signals, string>> = {
    SIGABRT: 'aborted',
    SIGBUS: 'bus error',
    SIGFPE: 'floating point exception',
    SIGHUP: 'hangup',
    SIGILL: 'illegal instruction',
    SIGINT: 'interrupt',
    SIGKILL: 'killed',
    SIGSEGV: 'segmentation fault',
    SIGTERM: 'terminated',
    SIGTRAP: 'trace/breakpoint trap',
  };
  return texts[signal] ?? `signal ${constants.signals[signal]}`;
}
