import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { noteRetriers, TASK } from './state-errors.ts';

/** The output of a catcher that leads to {@link noted}: the state's input, and the error. */
export const WITH_ERROR = "{% $merge([$states.input, {'error': $states.errorOutput}]) %}";

/**
 * Notes why nothing will be sent, and goes on with the error in any case.
 *
 * Without the note, the request would read as queued until its time in the queue is over. So the note
 * outlasts the claim of a function that died, and a table that is away for a while.
 *
 * @param props.subject what it is about: members of the payload
 * @param props.next the error is its input
 */
export function noted(
  scope: Construct,
  id: string,
  props: { function: IFunction; subject: Record<string, string>; next: sfn.IChainable },
): sfn.IChainable {
  const outputs = '{% $states.input.error %}';
  const note = LambdaInvoke.jsonata(scope, id, {
    lambdaFunction: props.function,
    payload: sfn.TaskInput.fromObject({
      ...props.subject,
      give_up: '{% $states.input.error.Error %}',
    }),
    outputs,
    ...TASK,
  });
  for (const retrier of noteRetriers()) note.addRetry(retrier);
  return note.addCatch(props.next, { outputs }).next(props.next);
}

/** The one end without success, with the error and cause that led there: ids and codes, no address. */
export function failed(scope: Construct): sfn.Fail {
  return sfn.Fail.jsonata(scope, 'Failed', {
    error: '{% $states.input.Error %}',
    cause: '{% $states.input.Cause %}',
  });
}
