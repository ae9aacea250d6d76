import { TerminalError } from './state-error.ts';

/** "Maximum input or output size for a task, state, or execution", in bytes of JSON: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_DATA_BYTES = 262_144;

/**
 * The end of an execution whose data have grown too large. On AWS only a handler that names the error
 * catches it; the interpreter would let `States.ALL` catch it too, so that here nothing does.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const tooLarge = (state: string): TerminalError =>
  new TerminalError(
    'States.DataLimitExceeded',
    `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
