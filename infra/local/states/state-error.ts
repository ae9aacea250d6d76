/** An error of a state: the name that Retry and Catch compare, and as its message the cause. */
export class StateError extends Error {
  override readonly name: string;

  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/**
 * An error that is neither retried nor caught, whatever a definition says: the interpreter asks by
 * these names.
 */
export class TerminalError extends StateError {
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** Nothing catches it: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function runtimeError(what: string): TerminalError {
  return new TerminalError('States.Runtime', what);
}
