/**
 * Every way in which a request can end without an invitation, in one table: the HTTP status of the
 * answer, and whether the same request can succeed later without a person doing something first.
 * A state machine catches these names (`ErrorEquals`), so they never change.
 */
export const ERROR_CLASSES = {
  InvalidRequest: { status: 422, retryable: false, title: 'The request is not acceptable' },
  NotFound: { status: 404, retryable: false, title: 'No such channel, user or invite' },
  NotAllowed: { status: 403, retryable: false, title: 'This deployment does not allow it' },
  SlackRefused: { status: 403, retryable: false, title: 'Slack refused the invitation' },
  Conflict: { status: 409, retryable: false, title: 'The present state does not permit it' },
  Cancelled: { status: 409, retryable: false, title: 'Somebody cancelled the request' },
  InProgress: {
    status: 409,
    retryable: true,
    title: 'The same invitation is being sent right now',
  },
  RateLimited: { status: 429, retryable: true, title: 'Too many invitations for now' },
  /** Slack, and nothing else: look at Slack's status page. */
  SlackUnavailable: {
    status: 503,
    retryable: true,
    title: 'Slack is not available, and nothing was sent',
  },
  /** This service, AWS or the HR system. */
  Unavailable: {
    status: 503,
    retryable: true,
    title: 'The service is not available, and nothing was sent',
  },
  /** Only in the workflow: what an operator has to mend stands in the way, and the queue waits. */
  Blocked: { status: 503, retryable: true, title: 'The queue waits for the operator' },
  OutcomeUnknown: { status: 504, retryable: false, title: 'The invitation may have been sent' },
  SlackCredentials: { status: 502, retryable: false, title: 'The Slack token cannot be used' },
  Defect: { status: 500, retryable: false, title: 'This service made a mistake' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorClass = keyof typeof ERROR_CLASSES;

/**
 * @param name of an error that a state machine caught: a class, or one of AWS's own names.
 * @returns the class; a name that is not a class counts as a defect.
 */
export const errorClassOf = (name: string): ErrorClass =>
  Object.hasOwn(ERROR_CLASSES, name) ? (name as ErrorClass) : 'Defect';
