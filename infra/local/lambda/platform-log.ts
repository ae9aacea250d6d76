import type { FunctionSpec } from './function.ts';
import type { FunctionError } from './function-error.ts';

/**
 * The lines of Lambda itself about an invocation that the process could not end by its own answer.
 * The platform's other records (START, END, REPORT, or `platform.start`, `platform.report` of every
 * invocation) are left out: locally they would bury what the functions say.
 *
 * @param spec the function, for its log format and time-out
 * @param requestId of the invocation
 * @param durationMs how long it ran
 * @param error what ended it
 * @returns lines as CloudWatch Logs shows them, each with its line feed
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function platformLines(
  spec: FunctionSpec,
  requestId: string,
  durationMs: number,
  error: FunctionError,
): string {
  const time = new Date().toISOString();
  const isTimeOut = error.errorType === 'Sandbox.Timedout';
  if (spec.logFormat === 'JSON') {
    const record = {
      requestId,
      metrics: { durationMs: Math.round(durationMs * 1000) / 1000, memorySizeMB: spec.memoryMb },
      status: isTimeOut ? 'timeout' : 'error',
      errorType: error.errorType,
    };
    return `${JSON.stringify({ time, type: 'platform.report', record })}\n`;
  }
  if (isTimeOut) return `${time} ${requestId} ${error.errorMessage}\n`;
  return `RequestId: ${requestId} Error: ${error.errorMessage}\n${error.errorType}\n`;
}
