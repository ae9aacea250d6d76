import { randomUUID } from 'node:crypto';
import type { InvokeResult, Lambda } from '../lambda/lambda.ts';
import { AwsError, authorize } from '../lib/aws-service.ts';
import type { Principal } from '../lib/principal.ts';
import { MAX_DATA_BYTES, tooLarge } from './data-limit.ts';
import type { Line } from './line.ts';
import { StateError } from './state-error.ts';
import { unqualified } from './task-fields.ts';

/** A function's answer to a task. */
export type FunctionAnswer = { payload: unknown; requestId: string };

/**
 * Calls a function for a task, in the name of the state machine's role.
 * @param begun is told when the call leaves the line
 * @param signal its abort ends the task, not the function
 * @throws StateError as AWS names and words it
 */
export type CallFunction = (
  call: { functionArn: string; integrated: boolean; payload: unknown },
  begun: () => void,
  signal: AbortSignal,
) => Promise<FunctionAnswer>;

/**
 * @param role the session in which the state machine acts
 * @param line holds back what is more than this machine can do at once
 */
export function createCallFunction(
  role: Principal,
  invoke: Lambda['invoke'],
  line: Line,
): CallFunction {
  return ({ functionArn, integrated, payload }, begun, signal) =>
    line(async () => {
      begun();
      const name = unqualified(functionArn).split(':').at(-1) as string;
      let result: InvokeResult;
      try {
        authorize(role, 'lambda:InvokeFunction', functionArn);
        result = await invoke(name, JSON.stringify(payload ?? null));
      } catch (error) {
        throw refused(error as Error & { statusCode?: number });
      }
      if (result.functionError) throw failed(result.payload.toString());
      if (result.payload.length > MAX_DATA_BYTES) {
        throw tooLarge(integrated ? 'lambda' : functionArn);
      }
      return { payload: JSON.parse(result.payload.toString()), requestId: result.requestId };
    }, signal);
}

/** Lambda did not call the function. What it refuses has `Lambda.` before the exception's name, a denied call this one. */
function refused(error: Error & { statusCode?: number }): Error {
  const id = randomUUID();
  if (error instanceof AwsError) {
    const circumstances = `Service: AWSLambda; Status Code: 403; Error Code: ${error.code}; Request ID: ${id}; Proxy: null`;
    return new StateError('Lambda.AWSLambdaException', `${error.message} (${circumstances})`);
  }
  if (error.statusCode === undefined) return error;
  const circumstances = `Service: Lambda, Status Code: ${error.statusCode}, Request ID: ${id}`;
  return new StateError(`Lambda.${error.name}`, `${error.message} (${circumstances})`);
}

/**
 * The function answered with an error: its type is the name, whether the function threw it or Lambda
 * put it in its place (`Sandbox.Timedout`, `Runtime.ExitError`), and the answer is the cause.
 */
function failed(answer: string): StateError {
  const { errorType } = JSON.parse(answer) as { errorType?: unknown };
  if (typeof errorType === 'string' && errorType !== '') return new StateError(errorType, answer);
  return new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${answer}`,
  );
}
