import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { type InviteStatesProps, inviteStates } from './invite-states.ts';
import { noted, WITH_ERROR } from './noted.ts';
import { FINAL, noteRetriers, RETRYABLE, retriers, TASK } from './state-errors.ts';

export interface EventStatesProps extends InviteStatesProps {
  hrInvite: IFunction;
}

const EVENT = { event: '{% $states.input.event %}' };

/**
 * The states of one event of an HR system. In: `{"event"}`, the id of its record. They go on with the
 * states of the invitation that it becomes. While the HR system has no address, the event waits and
 * comes back. `hr-invite` says when, and when to stop.
 *
 * @returns the first state
 */
export function eventStates(scope: Construct, props: EventStatesProps): sfn.IChainable {
  const { hrInvite, failed } = props;
  const makeInvite = LambdaInvoke.jsonata(scope, 'MakeInvite', {
    lambdaFunction: hrInvite,
    payload: sfn.TaskInput.fromObject(EVENT),
    outputs: '{% $states.result.Payload %}',
    ...TASK,
  });
  for (const retrier of retriers(RETRYABLE)) makeInvite.addRetry(retrier);
  // The function itself has noted these in the record.
  makeInvite.addCatch(failed, { errors: FINAL });
  const giveUpEvent = noted(scope, 'GiveUpEvent', {
    function: hrInvite,
    subject: EVENT,
    next: failed,
  });
  makeInvite.addCatch(giveUpEvent, { outputs: WITH_ERROR });

  const waitForEmail = sfn.Wait.jsonata(scope, 'WaitForEmail', {
    time: sfn.WaitTime.seconds('{% $states.input.pending_seconds %}'),
  });
  const has = (name: string) => sfn.Condition.jsonata(`{% $exists($states.input.${name}) %}`);
  const what = sfn.Choice.jsonata(scope, 'WhatNow')
    .when(
      has('generation'),
      inviteStates(scope, {
        ...props,
        sent: endNoted(scope, 'NoteSent', hrInvite, sfn.Succeed.jsonata(scope, 'SentUnnoted')),
        failed: endNoted(scope, 'NoteNotSent', hrInvite, failed).next(failed),
      }),
    )
    .when(has('pending_seconds'), waitForEmail.next(makeInvite))
    .otherwise(sfn.Succeed.jsonata(scope, 'NothingToSend'));
  return makeInvite.next(what);
}

/**
 * The event ends as its invite has ended: `hr-invite` reads that in the ledger. Where it cannot be
 * noted, the sweep does it.
 *
 * @param unnoted what follows then
 * @returns a state whose output is its input
 */
function endNoted(
  scope: Construct,
  id: string,
  hrInvite: IFunction,
  unnoted: sfn.IChainable,
): LambdaInvoke {
  const outputs = '{% $states.input %}';
  const note = LambdaInvoke.jsonata(scope, id, {
    lambdaFunction: hrInvite,
    payload: sfn.TaskInput.fromObject({
      event: '{% $states.context.Execution.Input.event %}',
      ended: true,
    }),
    outputs,
    ...TASK,
  });
  for (const retrier of noteRetriers()) note.addRetry(retrier);
  note.addCatch(unnoted, { outputs });
  return note;
}
