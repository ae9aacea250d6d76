import type { MiddlewareObj } from '@middy/core';
import { type InviteRequest, parseRequest } from '../invites/request.ts';
import type { ObservedContext } from './observed.ts';

/** The context of a handler behind {@link validated}. */
export type RequestContext = ObservedContext & { request: InviteRequest };

/**
 * Reads and validates the ask before the handler sees it, as `context.request`.
 * @param inputOf what of the event is the ask.
 */
export const validated = <Event>(
  inputOf: (event: Event) => unknown,
): MiddlewareObj<Event, unknown, Error, RequestContext> => ({
  before: ({ event, context }) => {
    context.request = parseRequest(inputOf(event));
  },
});
