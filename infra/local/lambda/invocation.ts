import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionSpec } from './function-model.ts';
import type { Invocation } from './runtime-process.ts';

/**
 * The largest payload in bytes that a synchronous invocation takes: "Invocation payload" in
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_REQUEST_BYTES = 6_291_456;

/** An invocation before its deadline is known. */
export type NewInvocation = Omit<Invocation, 'deadlineMs'>;

/**
 * Makes an invocation out of a request.
 *
 * @param payload JSON; the caller has checked that
 * @param traceId X-Ray trace header; without it, one is made up
 */
export function newInvocation(
  spec: FunctionSpec,
  payload: Buffer | string,
  traceId = `${newTraceRoot(new Date())};Parent=${randomBytes(8).toString('hex')};Sampled=0`,
): NewInvocation {
  return {
    requestId: randomUUID(),
    functionArn: spec.arn,
    traceId,
    payload: payload.toString(),
  };
}

/**
 * The root of a new X-Ray trace, as a trace header has it: version, time in seconds and 96 random
 * bits, in hex.
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html
 */
export function newTraceRoot(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
