import type { MiddlewareObj } from '@middy/core';
import { ERROR_CLASSES } from '../errors/classes.ts';
import type { InviteError } from '../errors/invite-error.ts';

/** An answer of the HTTP API (payload 2.0). */
export type HttpResponse = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
};

/**
 * Answers an error by an RFC 9457 problem document. A middleware behind it has made an InviteError
 * of every error.
 */
export const httpErrorHandler = (): MiddlewareObj<unknown, HttpResponse, Error> => ({
  onError: ({ error }) => problemResponse(error as InviteError),
});

/** @returns what a caller is told of an error, at every door; `retry_after` in whole seconds. */
export const problemOf = ({ name, retryable, facts }: InviteError) => ({
  class: name,
  code: facts.code,
  ...(facts.slackError !== undefined && { slack_error: facts.slackError }),
  detail: facts.detail,
  retryable,
  ...(facts.retryAfter !== undefined && { retry_after: facts.retryAfter }),
  ...(facts.id !== undefined && { id: facts.id }),
  ...(facts.attempts !== undefined && { attempts: facts.attempts }),
  ...(facts.errors && { errors: facts.errors }),
});

/** @returns the error as an RFC 9457 problem document. */
const problemResponse = (error: InviteError): HttpResponse => ({
  statusCode: error.status,
  headers: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(error.facts.retryAfter !== undefined && { 'retry-after': String(error.facts.retryAfter) }),
  },
  body: JSON.stringify({
    type: `urn:slack-connect-invites:${error.name}`,
    title: ERROR_CLASSES[error.name].title,
    status: error.status,
    ...problemOf(error),
  }),
});

/** As the gateway answers for itself: the sender may be anybody. */
export const plainErrorResponse = ({
  status,
  facts: { retryAfter },
}: InviteError): HttpResponse => {
  // Not by an ES import, which costs a cold start 19 ms: see aws/client.ts.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({ message: STATUS_CODES[status] }),
  };
};
