import { randomBytes } from 'node:crypto';

/**
 * The root of a new X-Ray trace, as a trace header has it: version, time in seconds and 96 random
 * bits, in hex (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html).
 */
export function newTraceRoot(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
