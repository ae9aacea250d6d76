import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../invites/errors.ts';
import type { ObservedContext } from './observed.ts';
import { taskError } from './problem.ts';

/** Error translation of the task door. `observed` has made an InviteError of whatever failed. */
export const throwing = (): MiddlewareObj<unknown, unknown, Error, ObservedContext> => ({
  onError: (request) => {
    // Set, not thrown: middy would attach the original error as `cause`, and the runtime logs it.
    request.error = taskError(request.error as InviteError);
  },
});
