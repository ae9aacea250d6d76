import type { LogEntry } from './local-stack.ts';

/**
 * Prints what the functions and servers log, one line each. Metrics records are left out: they are
 * for CloudWatch, and `aws lambda invoke --log-type Tail` shows them.
 */
export const printLog = ({ source, line }: LogEntry): void => {
  if (!line.startsWith('{"_aws":')) console.log(`${source}  ${line}`);
};
