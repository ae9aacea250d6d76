import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { type InviteStatesProps, inviteStates } from './invite-states.ts';
import { FINAL, noteRetriers, RETRYABLE, retriers, TASK } from './state-errors.ts';

export interface EventStatesProps extends InviteStatesProps {
  hrInvite: IFunction;
}

const EVENT = { event: sfn.JsonPath.stringAt('$.event') };

/**
 * The states of one event of an HR system. In: `{"event"}`, the id of its record. They go on with the
 * states of the invitation that it becomes. While the HR system has no address, the event waits and
 * comes back. `hr-invite` says when, and when to stop.
 *
 * @returns the first state
 */
export function eventStates(scope: Construct, props: EventStatesProps): sfn.IChainable {
  const { hrInvite, ends } = props;
  const error = { resultPath: '$.error' };

  const makeInvite = new LambdaInvoke(scope, 'MakeInvite', {
    lambdaFunction: hrInvite,
    payload: sfn.TaskInput.fromObject(EVENT),
    outputPath: '$.Payload',
    ...TASK,
  });
  for (const retrier of retriers(RETRYABLE)) makeInvite.addRetry(retrier);
  for (const errorClass of FINAL) {
    makeInvite.addCatch(ends.of(errorClass), { errors: [errorClass], ...error });
  }

  const giveUpEvent = new LambdaInvoke(scope, 'GiveUpEvent', {
    lambdaFunction: hrInvite,
    payload: sfn.TaskInput.fromObject({
      ...EVENT,
      give_up: sfn.JsonPath.stringAt('$.error.Error'),
    }),
    resultPath: sfn.JsonPath.DISCARD,
    ...TASK,
  });
  for (const retrier of noteRetriers()) giveUpEvent.addRetry(retrier);
  giveUpEvent.addCatch(ends.givenUp(), { resultPath: sfn.JsonPath.DISCARD });
  makeInvite.addCatch(giveUpEvent.next(ends.givenUp()), error);

  const waitForEmail = new sfn.Wait(scope, 'WaitForEmail', {
    time: sfn.WaitTime.secondsPath('$.pending_seconds'),
  });
  const what = new sfn.Choice(scope, 'WhatNow')
    .when(sfn.Condition.isPresent('$.generation'), inviteStates(scope, props))
    .when(sfn.Condition.isPresent('$.pending_seconds'), waitForEmail.next(makeInvite))
    .otherwise(new sfn.Succeed(scope, 'NothingToSend'));
  return makeInvite.next(what);
}
