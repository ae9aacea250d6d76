import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { type Ends, noteRetriers, RETRIED, retriers, TASK, WAITED_FOR } from './state-errors.ts';

const ID = {
  id: sfn.JsonPath.stringAt('$.id'),
  generation: sfn.JsonPath.numberAt('$.generation'),
};

export interface InviteStatesProps {
  laneTicket: IFunction;
  inviteTask: IFunction;
  ends: Ends;
}

/**
 * The states of one invitation. In: `{"id", "generation"}`; out: the answer of `invite-task`. The
 * request itself stays in the table: the history of an execution holds no address.
 *
 * If a request is given up, `invite-task` notes it in the ledger, unless it has done so already. Then
 * the execution ends under the name of the error's class.
 *
 * @returns the first state
 */
export function inviteStates(scope: Construct, props: InviteStatesProps): sfn.IChainable {
  const takeTicket = new LambdaInvoke(scope, 'TakeTicket', {
    lambdaFunction: props.laneTicket,
    payload: sfn.TaskInput.fromObject(ID),
    resultSelector: { 'not_before.$': '$.Payload.not_before' },
    resultPath: '$.ticket',
    ...TASK,
  });
  const waitForTurn = new sfn.Wait(scope, 'WaitForTurn', {
    time: sfn.WaitTime.timestampPath('$.ticket.not_before'),
  });
  const invite = new LambdaInvoke(scope, 'Invite', {
    lambdaFunction: props.inviteTask,
    payload: sfn.TaskInput.fromObject({
      ...ID,
      not_before: sfn.JsonPath.stringAt('$.ticket.not_before'),
    }),
    outputPath: '$.Payload',
    ...TASK,
  });
  for (const retrier of retriers(RETRIED)) {
    takeTicket.addRetry(retrier);
    invite.addRetry(retrier);
  }

  const giveUp = gaveUp(scope, props);
  const error = { resultPath: '$.error' };
  takeTicket.addCatch(giveUp, error);
  invite.addCatch(waited(scope, invite), { errors: WAITED_FOR, ...error });
  invite.addCatch(giveUp, error);

  return takeTicket.next(waitForTurn).next(invite);
}

/**
 * Waits as long as the error says, then tries again with the same ticket. A path cannot reach into the
 * result of an intrinsic function, so it takes two states to unpack the problem: the cause is JSON, and
 * its `errorMessage` is JSON again.
 *
 * Only our own functions throw these classes, always with a `retry_after` of 1 s or more. Anything
 * unreadable would end the execution with `States.Runtime`. A round takes 11 of the 25,000 events that
 * an execution may have, so there are some 2,200 rounds. The longer a request is behind its ticket, the
 * longer `invite-task` makes the waits: 7 days have about 1,100 rounds, with room for 4 retries in each.
 */
function waited(scope: Construct, invite: LambdaInvoke): sfn.IChainable {
  const { stringToJson, stringAt } = sfn.JsonPath;
  const readCause = new sfn.Pass(scope, 'ReadCause', {
    parameters: { cause: stringToJson(stringAt('$.error.Cause')) },
    resultPath: '$.error',
  });
  const readProblem = new sfn.Pass(scope, 'ReadProblem', {
    parameters: { problem: stringToJson(stringAt('$.error.cause.errorMessage')) },
    resultPath: '$.error',
  });
  const waitAsTold = new sfn.Wait(scope, 'WaitAsTold', {
    time: sfn.WaitTime.secondsPath('$.error.problem.retry_after'),
  });
  return readCause.next(readProblem).next(waitAsTold).next(invite);
}

/** Notes in the ledger why nothing was sent, and ends with the error that led here in any case. */
function gaveUp(scope: Construct, { inviteTask, ends }: InviteStatesProps): sfn.IChainable {
  const giveUp = new LambdaInvoke(scope, 'GiveUp', {
    lambdaFunction: inviteTask,
    payload: sfn.TaskInput.fromObject({
      ...ID,
      give_up: sfn.JsonPath.stringAt('$.error.Error'),
    }),
    resultPath: sfn.JsonPath.DISCARD,
    ...TASK,
  });
  // Without the note, the request would read as queued until its time in the queue is over. So the note
  // outlasts what keeps it from the ledger: the claim of a function that died, or a broken deployment
  // that is fixed within a day.
  for (const retrier of noteRetriers()) giveUp.addRetry(retrier);

  const why = ends.givenUp();
  return giveUp.addCatch(why, { resultPath: sfn.JsonPath.DISCARD }).next(why);
}
