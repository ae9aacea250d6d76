import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../errors/invite-error.ts';
import type { ObservedContext } from '../telemetry/metrics-middleware.ts';
import { taskError } from './http-error-handler.ts';

/** Error translation of the task door. `observed` has made an InviteError of whatever failed. */
export const throwing = (): MiddlewareObj<unknown, unknown, Error, ObservedContext> => ({
  onError: (request) => {
    // Set, not thrown: middy would attach the original error as `cause`, and the runtime logs it.
    request.error = taskError(request.error as InviteError);
  },
});
