import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { ERROR_CLASSES, type ErrorClass } from '../../functions/invites/errors.ts';

const CLASSES = Object.keys(ERROR_CLASSES) as ErrorClass[];

const FINAL = CLASSES.filter((errorClass) => !ERROR_CLASSES[errorClass].retryable);
const RETRYABLE = CLASSES.filter((errorClass) => ERROR_CLASSES[errorClass].retryable);

/** These say when to ask again, which is no fault and has no end but the execution's own. */
const WAITED_FOR: ErrorClass[] = ['RateLimited', 'InProgress'];
const RETRIED = RETRYABLE.filter((errorClass) => !WAITED_FOR.includes(errorClass));

/**
 * Lambda's own troubles, which pass. A function that timed out or died may be called again: the
 * ledger knows whether it had sent anything, and answers `InProgress` or `OutcomeUnknown`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
const LAMBDA_FAULTS = [
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Lambda.Unknown',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
];
const THROTTLED = ['Lambda.TooManyRequestsException'];

/**
 * A retrier for each kind of error, since each counts its attempts: many executions that start at
 * once throttle each other, and must not use up what is meant for Slack.
 *
 * The waits are 5, 10, 20, … 640 s, then 900 s each, and chance takes any part of each: in all
 * 51 min at most for 10 attempts, and 23 h for 100.
 */
const retriers = (classes: ErrorClass[], maxAttempts: number): sfn.RetryProps[] =>
  [classes, LAMBDA_FAULTS, THROTTLED].map((errors) => ({
    errors,
    maxAttempts,
    interval: Duration.seconds(5),
    backoffRate: 2,
    maxDelay: Duration.seconds(900),
    jitterStrategy: sfn.JitterType.FULL,
  }));

const ID = {
  id: sfn.JsonPath.stringAt('$.id'),
  generation: sfn.JsonPath.numberAt('$.generation'),
};

export interface InviteStatesProps {
  laneTicket: IFunction;
  inviteTask: IFunction;
}

/**
 * The states of one invitation. In: `{"id", "generation"}`; out: the answer of `invite-task`. The
 * ask itself stays in the table, so that the history of an execution holds no address.
 *
 * An error ends the execution under the name of its class. What goes wrong and is none of the final
 * classes is given up, which `invite-task` notes in the ledger.
 *
 * @returns the first state
 */
export function inviteStates(scope: Construct, props: InviteStatesProps): sfn.IChainable {
  const takeTicket = new LambdaInvoke(scope, 'TakeTicket', {
    lambdaFunction: props.laneTicket,
    payload: sfn.TaskInput.fromObject(ID),
    resultSelector: { 'not_before.$': '$.Payload.not_before' },
    resultPath: '$.ticket',
    retryOnServiceExceptions: false,
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
    retryOnServiceExceptions: false,
  });
  for (const retrier of retriers(RETRIED, 10)) {
    takeTicket.addRetry(retrier);
    invite.addRetry(retrier);
  }

  const giveUp = gaveUp(scope, props.inviteTask);
  const error = { resultPath: '$.error' };
  takeTicket.addCatch(giveUp, error);
  invite.addCatch(waited(scope, invite), { errors: WAITED_FOR, ...error });
  for (const errorClass of FINAL) {
    invite.addCatch(failed(scope, errorClass), { errors: [errorClass], ...error });
  }
  invite.addCatch(giveUp, error);

  return takeTicket.next(waitForTurn).next(invite);
}

/**
 * Waits as long as the error says, and asks again with the same ticket. A path cannot reach into
 * the result of an intrinsic function, so that the problem takes two states to unpack: the cause is
 * JSON, and its `errorMessage` is JSON again.
 *
 * Only functions of ours throw these classes, always with `retry_after` of 1 s or more; anything
 * unreadable would end the execution with `States.Runtime`. A round takes 11 of the 25,000 events
 * that an execution may have: some 2,200 rounds. `invite-task` makes the waits longer the longer an ask
 * is behind its ticket, so that 7 days have about 1,100.
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
function gaveUp(scope: Construct, inviteTask: IFunction): sfn.IChainable {
  const giveUp = new LambdaInvoke(scope, 'GiveUp', {
    lambdaFunction: inviteTask,
    payload: sfn.TaskInput.fromObject({
      ...ID,
      give_up: sfn.JsonPath.stringAt('$.error.Error'),
    }),
    resultPath: sfn.JsonPath.DISCARD,
    retryOnServiceExceptions: false,
  });
  // Without the note the ask would read as waiting until its time in the queue is over. `InProgress`
  // too: a function that died has left its claim behind, which lapses.
  for (const retrier of retriers(RETRYABLE, 100)) giveUp.addRetry(retrier);

  const why = new sfn.Choice(scope, 'WhyGivenUp');
  for (const errorClass of RETRIED) {
    why.when(sfn.Condition.stringEquals('$.error.Error', errorClass), failed(scope, errorClass));
  }
  why.otherwise(
    new sfn.Fail(scope, 'Unexpected', { errorPath: '$.error.Error', causePath: '$.error.Cause' }),
  );
  return giveUp.addCatch(why, { resultPath: sfn.JsonPath.DISCARD }).next(why);
}

/** The end of an error class. The cause holds the problem: ids and codes, no address. */
function failed(scope: Construct, errorClass: ErrorClass): sfn.Fail {
  return new sfn.Fail(scope, errorClass, { error: errorClass, causePath: '$.error.Cause' });
}
