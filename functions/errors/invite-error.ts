import { ERROR_CLASSES, type ErrorClass } from './classes.ts';
import { type Code, codeRow, type OwnCode, type Values } from './codes.ts';

/**
 * One field that was refused: where, and what to do about it, in words that can be read after the
 * field's name and by themselves. Never the value itself.
 */
export type FieldError = { field: string; detail: string };

type ErrorFacts = {
  /** Stable, for programs: Slack's own code where Slack gave one, else one of ours. */
  code: Code;
  /** What happened and what to do about it, for people. */
  detail: string;
  /** Slack's code, only where Slack itself answered. */
  slackError?: string | undefined;
  /** Whole seconds after which a retry makes sense. */
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
  readonly facts: ErrorFacts;

  constructor(errorClass: ErrorClass, facts: ErrorFacts) {
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

type More = Partial<Pick<ErrorFacts, 'id' | 'attempts' | 'errors' | 'retryAfter'>>;

/**
 * Makes an error of one of our own codes.
 * @param values what the braces in its text stand for.
 */
export const ownError = <C extends OwnCode>(
  code: C,
  ...[values, more]: [keyof Values<C>] extends [never]
    ? [values?: Record<string, never>, more?: More]
    : [values: Values<C>, more?: More]
): InviteError => {
  const { class: errorClass, description, remedy, status, retryAfter } = codeRow(code);
  const filled = (values ?? {}) as Record<string, unknown>;
  const detail = `${description} ${remedy}`.replace(/\{(\w+)\}/g, (_, name) => `${filled[name]}`);
  return new InviteError(errorClass, { code, detail, status, retryAfter, ...more });
};

/** Names the invite in whatever error `work` ends with. */
export const identified = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InviteError) error.facts.id ??= id;
    throw error;
  }
};

/** Why nothing was sent. `detail`: where the reader of an invite has to call somebody. */
export type Reason = { class: ErrorClass; code: Code; detail?: string };

/** @returns class and code of an error; an unforeseen one is a defect, as at the doors. */
export const reasonOf = (error: unknown): Reason =>
  error instanceof InviteError
    ? { class: error.name, code: error.facts.code, ...whomToCall(error) }
    : { class: 'Defect', code: 'unexpected' };

const whomToCall = ({ name, facts }: InviteError) =>
  isMendable({ class: name, code: facts.code }) && {
    detail: `${facts.detail} The operator of this deployment has to do that.`,
  };

/**
 * Whether an operator can mend it: a token, a role, a key policy, a table or function that is not
 * there. A request that was accepted waits for that, and does not end.
 */
export const isMendable = ({ class: errorClass, code }: Reason): boolean =>
  errorClass === 'SlackCredentials' || code.endsWith('_misconfigured');

/** Enough to correct a request by. A body of thousands of fields gets no answer of a megabyte. */
const MAX_ERRORS = 10;

/**
 * Refuses a request for its fields: all that is wrong at once (the first ten), each with its
 * remedy. A field's name comes from outside too, and only a harmless one is repeated.
 */
export const invalidFields = (found: FieldError[]): InviteError => {
  const errors = found.slice(0, MAX_ERRORS).map(({ field, detail }) => ({
    field: /^[\w[\]]{0,40}$/.test(field) ? field : 'a field',
    detail,
  }));
  const problems = errors.map(({ field, detail }) => `${field} ${detail}`.trim()).join('; ');
  return ownError('invalid_request', { problems }, { errors });
};
