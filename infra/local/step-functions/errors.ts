/** Why an execution or an attempt ended without success. AWS leaves out what is empty. */
export type Reason = { error?: string | undefined; cause?: string | undefined };

/** What a state fails with. Name and cause may be null, in a task that was failed by its token. */
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

  /**
   * Whether a retrier or catcher with these `ErrorEquals` means it.
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
   */
  isOneOf(names: readonly string[]): boolean {
    const { error } = this;
    if (error === 'States.Runtime') return false;
    if (names.some((name) => name === error || name === this.alias)) return true;
    if (error === 'States.DataLimitExceeded') return false;
    const isTimeout = error === 'States.Timeout';
    return names.includes('States.ALL') || (!isTimeout && names.includes('States.TaskFailed'));
  }
}

/** An execution's own time is over, which nothing catches. */
export class OutOfTime extends Error {}

/** "Maximum input or output size for a task, state, or execution", in bytes of JSON: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_DATA_BYTES = 262_144;

/** "Maximum total size of all stored variables", in bytes: the same page. */
export const MAX_VARIABLES_BYTES = 10_485_760;

/** @throws StateError for data of a state, or variables, beyond a limit in bytes of JSON */
export function checkSize(data: unknown, of: string, limit = MAX_DATA_BYTES): void {
  if (Buffer.byteLength(JSON.stringify(data) ?? '') <= limit) return;
  const what = 'with a size exceeding the maximum number of bytes service limit';
  const cause = `The state/task '${of}' returned a result ${what}.`;
  throw new StateError('States.DataLimitExceeded', cause);
}
