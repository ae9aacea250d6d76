/** The largest answer in bytes: "6 MB" in Lambda's quotas, and this number in its error. */
export const MAX_RESPONSE_BYTES = 6_291_556;

/** What an invocation ends with: the handler's result, or an error in its place. */
export type Outcome = { payload: Buffer; functionError?: 'Unhandled' };

/** How a process ended, as `child_process` reports it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

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

/** The process ended before it answered. Node's name of a signal stands where Lambda has Go's. */
export function exited({ code, signal }: Exit): FunctionError {
  const how = signal ? `signal: ${signal}` : `exit status ${code}`;
  return {
    errorType: 'Runtime.ExitError',
    errorMessage:
      code === 0
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: ${how}`,
  };
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

/**
 * Lambda's own line about an invocation that the process did not end with an answer, as CloudWatch
 * Logs shows it. The platform's other records (`platform.start`, `platform.report` of every
 * invocation) are left out: locally they would bury what the functions log.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function platformLine(
  memoryMb: number,
  requestId: string,
  durationMs: number,
  { errorType }: FunctionError,
): string {
  const time = new Date().toISOString();
  const record = {
    requestId,
    metrics: { durationMs: Math.round(durationMs * 1000) / 1000, memorySizeMB: memoryMb },
    status: errorType === 'Sandbox.Timedout' ? 'timeout' : 'error',
    errorType,
  };
  return `${JSON.stringify({ time, type: 'platform.report', record })}\n`;
}
