/**
 * Every way in which an ask can end without an invitation, in one table: the HTTP status of the
 * answer, and whether asking the same again can help without a person doing something first.
 * The names are what a state machine catches (`ErrorEquals`), so they never change.
 */
export const ERROR_CLASSES = {
  InvalidRequest: { status: 422, retryable: false, title: 'The request is not acceptable' },
  NotFound: { status: 404, retryable: false, title: 'No such channel, user or invite' },
  NotAllowed: { status: 403, retryable: false, title: 'This deployment does not allow it' },
  SlackRefused: { status: 403, retryable: false, title: 'Slack refused the invitation' },
  Conflict: { status: 409, retryable: false, title: 'The present state does not permit it' },
  InProgress: {
    status: 409,
    retryable: true,
    title: 'The same invitation is being sent right now',
  },
  RateLimited: { status: 429, retryable: true, title: 'Too many invitations for now' },
  SlackUnavailable: { status: 503, retryable: true, title: 'Nothing was sent; try again' },
  OutcomeUnknown: { status: 504, retryable: false, title: 'The invitation may have been sent' },
  SlackCredentials: { status: 502, retryable: false, title: 'The Slack token cannot be used' },
  Defect: { status: 500, retryable: false, title: 'This service made a mistake' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorClass = keyof typeof ERROR_CLASSES;

/**
 * @param name of an error that a state machine caught: a class, or a name of AWS's own.
 * @returns the class; what has none is a defect.
 */
export const errorClassOf = (name: string): ErrorClass =>
  Object.hasOwn(ERROR_CLASSES, name) ? (name as ErrorClass) : 'Defect';

/**
 * One field that was refused: where, and what to do about it, in words that can be read after the
 * field's name and by themselves. Never the value itself.
 */
export type FieldError = { field: string; detail: string };

type Facts = {
  /** Stable, for programs: Slack's own code where Slack gave one, else one of ours. */
  code: string;
  /** What happened and what to do about it, for people. */
  detail: string;
  /** Slack's code, only where Slack itself answered. */
  slackError?: string | undefined;
  /** Whole seconds after which asking again makes sense. */
  retryAfter?: number | undefined;
  /** The invite that the error is about. */
  id?: string | undefined;
  /** The invite's `attempts`, where the remedy is a `resend` that has to carry it. */
  attempts?: number | undefined;
  errors?: FieldError[] | undefined;
  /** Where one class has several HTTP statuses (400, 413, 415 and 422; 504 and 409). */
  status?: number | undefined;
};

/**
 * The one error of the domain. `name` is the error class, as data: a bundler renames
 * constructors. It carries no personal data and no `cause`, because the Lambda runtime logs every
 * property of an error that a handler throws.
 */
export class InviteError extends Error {
  override readonly name: ErrorClass;
  readonly facts: Facts;

  constructor(errorClass: ErrorClass, facts: Facts) {
    super(facts.detail);
    this.name = errorClass;
    this.facts = facts;
  }

  get status(): number {
    return this.facts.status ?? ERROR_CLASSES[this.name].status;
  }

  get retryable(): boolean {
    return ERROR_CLASSES[this.name].retryable;
  }
}

/** Names the invite in whatever error `work` ends with. */
export const identified = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InviteError) error.facts.id ??= id;
    throw error;
  }
};

/** Why an ask was not sent. */
export type Reason = { class: ErrorClass; code: string };

/** @returns class and code of an error; what nobody foresaw is a defect, as the doors say, too. */
export const reasonOf = (error: unknown): Reason =>
  error instanceof InviteError
    ? { class: error.name, code: error.facts.code }
    : { class: 'Defect', code: 'unexpected' };

/** Enough to correct a request by. A body of thousands of fields gets no answer of a megabyte. */
const MAX_ERRORS = 10;

/**
 * Refuses a request for its fields: all that is wrong at once (the first ten), each with its
 * remedy. A field's name comes from outside too, and only a harmless one is repeated.
 */
export const invalidFields = (found: FieldError[]): InviteError => {
  const errors = found.slice(0, MAX_ERRORS).map(({ field, detail }) => ({
    field: /^\w{0,40}$/.test(field) ? field : 'a field',
    detail,
  }));
  return new InviteError('InvalidRequest', {
    code: 'invalid_request',
    detail: errors.map(({ field, detail }) => `${field} ${detail}`.trim()).join('; '),
    errors,
  });
};
