import type { APIGatewayEventRequestContextV2 } from 'aws-lambda';

/** What an authorizer of the HTTP API leaves in the event: IAM's or a JWT's. */
type Authorizer = {
  iam?: { userArn?: string | null };
  jwt?: { claims?: Record<string, unknown> };
};

/** @returns who came through the door: an IAM ARN or a JWT's `sub`. */
export const callerOf = (context: APIGatewayEventRequestContextV2): string | undefined => {
  const { iam, jwt } = (context as { authorizer?: Authorizer }).authorizer ?? {};
  const caller = iam?.userArn ?? jwt?.claims?.sub;
  return typeof caller === 'string' ? caller : undefined;
};

const RESPOND_ASYNC = 'respond-async';
/**
 * A preference, its value and its parameters: quoted text may hold a comma, and between two commas
 * there may be nothing. The name is taken whole, and a malformed header fails fast.
 */
const PREFERENCE = /[\s,]*([^\s,;="]+)(?![^\s,;="])(?:"(?:[^"\\]|\\.)*"|[^,"])*(?:,|$)/gy;

/**
 * Whether the caller would rather not wait for the outcome.
 * @param header `Prefer`, several of them joined by commas.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export const prefersAsync = (header = ''): boolean => {
  const names = [...header.matchAll(PREFERENCE)].map(([, name = '']) => name);
  return names.some((name) => name.toLowerCase() === RESPOND_ASYNC);
};

/** Says that the preference was honoured (RFC 7240, section 3). */
export const ASYNC_APPLIED = { 'preference-applied': RESPOND_ASYNC };
