/** Why an execution or an attempt ended without success. AWS leaves out what is empty. */
export type Reason = { error?: string | undefined; cause?: string | undefined };

/** What a state fails with: the name that Retry and Catch compare, and the cause. Both may be null, in a task that was failed by its token. */
export class StateError extends Error {
  readonly error: string | null;
  override readonly cause: string | null;
  /** A second name that Retry and Catch know it by. */
  readonly alias: string | undefined;

  constructor(error: string | null, cause: string | null, alias?: string) {
    super(error ?? 'no name');
    this.error = error;
    this.cause = cause;
    this.alias = alias;
  }

  get reason(): Reason {
    return { error: this.error || undefined, cause: this.cause || undefined };
  }
}

/** An execution's own time is over, which nothing catches. */
export class OutOfTime extends Error {}

export const runtimeError = (cause: string) => new StateError('States.Runtime', cause);

/**
 * Whether a retrier or catcher with these `ErrorEquals` means an error.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function isMeant({ error, alias }: StateError, names: readonly string[]): boolean {
  if (error === 'States.Runtime') return false;
  return names.some((name) => {
    if (name === error || name === alias) return true;
    if (error === 'States.DataLimitExceeded') return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

/** "Maximum input or output size for a task, state, or execution", in bytes of JSON: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_DATA_BYTES = 262_144;

/** "Maximum total size of all stored variables", in bytes: the same page. */
export const MAX_VARIABLES_BYTES = 10_485_760;

/** @throws StateError for data beyond a limit in bytes of JSON */
export function checkSize(data: unknown, of: string, limit = MAX_DATA_BYTES): void {
  if (Buffer.byteLength(JSON.stringify(data) ?? '') <= limit) return;
  const what = 'with a size exceeding the maximum number of bytes service limit';
  throw new StateError(
    'States.DataLimitExceeded',
    `The state/task '${of}' returned a result ${what}.`,
  );
}
