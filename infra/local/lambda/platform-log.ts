import type { FunctionError } from './function-error.ts';

/**
 * The line of Lambda itself about an invocation that the process could not end by its own answer.
 * The platform's other records (`platform.start`, `platform.report` of every invocation) are left out: locally they would bury what the functions say.
 *
 * @param memoryMb of the function
 * @param requestId of the invocation
 * @param durationMs how long it ran
 * @param error what ended it
 * @returns a line as CloudWatch Logs shows it, with its line feed
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function platformLine(
  memoryMb: number,
  requestId: string,
  durationMs: number,
  error: FunctionError,
): string {
  const time = new Date().toISOString();
  const record = {
    requestId,
    metrics: { durationMs: Math.round(durationMs * 1000) / 1000, memorySizeMB: memoryMb },
    status: error.errorType === 'Sandbox.Timedout' ? 'timeout' : 'error',
    errorType: error.errorType,
  };
  return `${JSON.stringify({ time, type: 'platform.report', record })}\n`;
}
