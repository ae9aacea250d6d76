import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';

/** The context of a handler behind the {@link validator}. */
export type Validated<Request> = Context & { request: Request };

/**
 * Reads and validates the event before the handler sees it, as `context.request`.
 * @param parse makes the request out of the event. @throws InviteError `InvalidRequest`
 */
export const validator = <Event, Request>(
  parse: (event: Event) => Request,
): MiddlewareObj<Event, unknown, Error, Validated<Request>> => ({
  before: ({ event, context }) => {
    context.request = parse(event);
  },
});
