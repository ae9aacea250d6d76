import { StateError } from './state-error.ts';

/** Why an execution ended without success; AWS leaves out what is empty. */
export type Reason = { error?: string | undefined; cause?: string | undefined };

/** The state that was entered last, and the event that says so. */
export type Entered = { name: string; type: string; eventId: number };

/** AWS tells these under its name for whatever goes wrong at run time, which nothing catches. */
const RUNTIME = 'States.Runtime';

/**
 * What an execution failed with, in AWS's words: the error of a task or a Fail state as it is, an
 * error of the interpreter under a reserved name.
 * @param error what ended the interpreter's run
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function failureOf(error: Error, entered: Entered | undefined): Reason {
  const { name, message } = error;
  const isStates = error instanceof StateError || entered?.type === 'Fail';
  if (isStates && name !== RUNTIME)
    return { error: name || undefined, cause: message || undefined };
  return {
    error: name === 'States.ResultPathMatchFailure' ? name : RUNTIME,
    cause: `An error occurred while executing the state '${entered?.name}' (entered at the event id #${entered?.eventId}). ${message}`,
  };
}
