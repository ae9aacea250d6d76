import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionSpec } from './function.ts';
import { LambdaException } from './lambda-exception.ts';
import type { Invocation } from './runtime-api.ts';

/**
 * The largest payload in bytes that a synchronous invocation takes: "Invocation payload" in
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_REQUEST_BYTES = 6_291_456;

export type InvokeOptions = {
  /** X-Ray trace header; one is made up otherwise. */
  traceId?: string;
  /** JSON, no longer in base64. */
  clientContext?: string;
};

/** An invocation before its deadline is known. */
export type NewInvocation = Omit<Invocation, 'deadlineMs'>;

/**
 * Makes an invocation out of a request.
 *
 * @param payload JSON, which the caller has made sure of
 * @throws LambdaException InvalidRequestContentException for a client context that is no JSON
 */
export function newInvocation(
  spec: FunctionSpec,
  payload: Buffer | string,
  { traceId = unsampledTrace(), clientContext }: InvokeOptions,
): NewInvocation {
  return {
    requestId: randomUUID(),
    functionArn: spec.arn,
    traceId,
    payload: Buffer.from(payload),
    ...(clientContext !== undefined && { clientContext: jsonHeader(clientContext) }),
  };
}

/** Headers are ASCII, and JSON can say everything in it. */
function jsonHeader(text: string): string {
  const json = JSON.stringify(parseClientContext(text));
  return json.replace(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function parseClientContext(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own sentence would quote what was sent.
    throw new LambdaException(
      'InvalidRequestContentException',
      'Client context must be a valid JSON object',
    );
  }
}

function unsampledTrace(): string {
  return `${newTraceRoot(new Date())};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/**
 * The root of a new X-Ray trace, as a trace header has it: version, time in seconds and 96 random
 * bits, in hex (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html).
 */
export function newTraceRoot(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
