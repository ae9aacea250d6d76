import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionSpec } from './function.ts';
import { LambdaException } from './lambda-exception.ts';
import type { Invocation } from './runtime-api.ts';

/** The largest payload in bytes that a synchronous invocation takes. */
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
 * @param payload JSON; nothing stands for `{}`
 * @throws LambdaException InvalidRequestContentException
 */
export function newInvocation(
  spec: FunctionSpec,
  payload: Buffer | string,
  { traceId = newTraceId(), clientContext }: InvokeOptions,
): NewInvocation {
  return {
    requestId: randomUUID(),
    functionArn: spec.arn,
    traceId,
    payload: jsonPayload(payload),
    ...(clientContext !== undefined && { clientContext: jsonHeader(clientContext) }),
  };
}

/** Lambda refuses a payload that is not JSON before it reaches the function. */
function jsonPayload(payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length === 0) return Buffer.from('{}');
  parse(bytes.toString(), 'Could not parse request body into json');
  return bytes;
}

/** Headers are ASCII, and JSON can say everything in it. */
function jsonHeader(text: string): string {
  const json = JSON.stringify(parse(text, 'Client context must be a valid JSON object'));
  return json.replace(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function parse(text: string, refusal: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LambdaException('InvalidRequestContentException', `${refusal}: ${reason}`);
  }
}

/** An unsampled X-Ray trace: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html */
function newTraceId(): string {
  const epoch = Math.floor(Date.now() / 1000).toString(16);
  const root = `1-${epoch}-${randomBytes(12).toString('hex')}`;
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
