import type { MiddlewareObj } from '@middy/core';
import type { ObservedContext } from '../telemetry/metrics-middleware.ts';

/** The context of a handler behind {@link validated}. */
export type RequestContext<Request> = ObservedContext & { request: Request };

/**
 * Reads and validates the ask before the handler sees it, as `context.request`.
 * @param parse makes the ask out of the event. @throws InviteError `InvalidRequest`
 */
export const validated = <Event, Request>(
  parse: (event: Event) => Request,
): MiddlewareObj<Event, unknown, Error, RequestContext<Request>> => ({
  before: ({ event, context }) => {
    context.request = parse(event);
  },
});
