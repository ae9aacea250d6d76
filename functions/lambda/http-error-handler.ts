import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../errors/invite-error.ts';
import { ERROR_CLASSES } from '../errors/invite-error.ts';
import { logRefusal } from '../telemetry/log.ts';
import type { ObservedContext } from '../telemetry/metrics-middleware.ts';

/**
 * Error translation of the HTTP door, and the error's log: what the task door throws is logged by
 * the runtime itself. `observed` has made an InviteError of whatever failed.
 */
export const answering = (): MiddlewareObj<unknown, HttpResponse, Error, ObservedContext> => ({
  onError: ({ error }) => {
    logRefusal(error as InviteError);
    return problemResponse(error as InviteError);
  },
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

/** An answer of the HTTP API (payload 2.0). */
export type HttpResponse = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
};

/** @returns the error as an RFC 9457 problem document. */
export const problemResponse = (error: InviteError): HttpResponse => ({
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

/**
 * The error as the task door throws it: the class as its name, for `ErrorEquals`, and the members
 * as one line of JSON for its message. Nothing else, since the runtime logs all of an error.
 */
export const taskError = (error: InviteError): Error => {
  // A class made at run time: the runtime logs the constructor's name, which a bundler would change.
  const { [error.name]: Thrown = Error } = { [error.name]: class extends Error {} };
  const thrown = new Thrown(JSON.stringify(problemOf(error)));
  Object.defineProperty(thrown, 'name', { value: error.name });
  thrown.stack = error.name;
  return thrown;
};
