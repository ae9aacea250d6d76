import type { MiddlewareObj } from '@middy/core';
import { InviteError, isMendable, ownError, reasonOf } from '../errors/invite-error.ts';
import { PROBE_MS } from '../lib/times.ts';
import { problemOf } from './http-error-handler.ts';

/**
 * Throws an error as a state machine reads it. A middleware behind it has made an InviteError of
 * every error.
 */
export const taskErrorHandler = (): MiddlewareObj<unknown, unknown, Error> => ({
  onError: (request) => {
    // Set, not thrown: middy would attach the original error as `cause`, and the runtime logs it.
    request.error = taskError(request.error as InviteError);
  },
});

/**
 * The error as a task throws it: the class as its name, for `ErrorEquals`, and the members
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

/**
 * For a step of a workflow: what an operator can mend does not end the execution, which waits and
 * comes back. The metrics behind it have counted the error by its own class.
 */
export const waitsForOperator = (): MiddlewareObj<unknown, unknown, Error> => ({
  onError: (request) => {
    const { error } = request;
    if (!(error instanceof InviteError) || !isMendable(reasonOf(error))) return;
    const { class: errorClass, code } = reasonOf(error);
    const more = { retryAfter: PROBE_MS / 1000, id: error.facts.id };
    request.error = ownError('blocked', { class: errorClass, code }, more);
  },
});
