import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from './principal.ts';

/** A request to one of AWS's services whose signature was verified. */
export type AwsRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  principal: Principal;
};

export type AwsAnswer = { status: number; headers?: Record<string, string>; body: string | Buffer };

/**
 * One of AWS's services: the name that requests are signed for, its operations, and how it reports
 * an error.
 */
export type AwsService = {
  name: string;
  handle: (request: AwsRequest) => Promise<AwsAnswer>;
  tell: (error: AwsError) => AwsAnswer;
};

/** An error of a service by its AWS name, such as `ResourceNotFoundException`. */
export class AwsError extends Error {
  override name = 'AwsError';
  readonly code: string;
  /** As Lambda and STS answer; the JSON protocols have 400 where these have 403. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** @throws AwsError AccessDeniedException in AWS's words, if the caller's role does not allow it */
export function authorize(
  principal: Principal,
  action: string,
  resource: string,
  keys?: readonly string[],
): void {
  const decision = principal.decide(action, resource, keys);
  if (decision.allowed) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${decision.reason}`,
    403,
  );
}

/**
 * @throws AwsError SerializationException, as the JSON protocols do for anything but a JSON object
 */
export function parseJsonObject(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Falls through: not JSON and not an object are one error.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}

/** How the JSON protocols report an error. Only AccessDenied spells `Message` with a capital. */
export function tellAsJson(
  contentType: string,
  { code, message, status }: AwsError,
  namespace = '',
): AwsAnswer {
  const key = code === 'AccessDeniedException' ? 'Message' : 'message';
  return {
    status: status === 403 ? 400 : status,
    headers: { 'content-type': contentType },
    body: JSON.stringify({ __type: namespace + code, [key]: message }),
  };
}
