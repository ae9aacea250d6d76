import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../invites/errors.ts';
import { logRefusal } from './log.ts';
import type { ObservedContext } from './observed.ts';
import { type HttpResponse, problemResponse } from './problem.ts';

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
