import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../invites/errors.ts';
import type { ObservedContext } from './observed.ts';
import { type HttpResponse, problemResponse } from './problem.ts';

/** Error translation of the HTTP door. `observed` has made an InviteError of whatever failed. */
export const answering = (): MiddlewareObj<unknown, HttpResponse, Error, ObservedContext> => ({
  onError: ({ error }) => problemResponse(error as InviteError),
});
