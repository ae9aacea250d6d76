import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { noted, WITH_ERROR } from './noted.ts';
import { RETRIED, RETRIED_ALONE, retriers, TASK, WAITED_FOR } from './state-errors.ts';

const ID = {
  id: '{% $states.input.id %}',
  generation: '{% $states.input.generation %}',
};

export interface InviteStatesProps {
  laneTicket: IFunction;
  inviteTurn: IFunction;
  /** What follows the invitation; left out: the end. The answer of `invite-turn` is its input. */
  sent?: sfn.IChainable;
  /** Where executions end that fail. The error is its input. */
  failed: sfn.IChainable;
}

/**
 * The states of one invitation. In: `{"id", "generation"}`; out: the answer of `invite-turn`. The
 * request itself stays in the table: the history of an execution holds no address.
 *
 * If a request is given up, `invite-turn` notes it in the ledger, unless it has done so already. Then
 * the execution ends under the name of the error's class.
 *
 * @returns the first state
 */
export function inviteStates(scope: Construct, props: InviteStatesProps): sfn.IChainable {
  const { laneTicket, inviteTurn, sent, failed } = props;
  const takeTicket = LambdaInvoke.jsonata(scope, 'TakeTicket', {
    lambdaFunction: laneTicket,
    payload: sfn.TaskInput.fromObject(ID),
    outputs: "{% $merge([$states.input, {'not_before': $states.result.Payload.not_before}]) %}",
    ...TASK,
  });
  const waitForTurn = sfn.Wait.jsonata(scope, 'WaitForTurn', {
    time: sfn.WaitTime.timestamp('{% $states.input.not_before %}'),
  });
  const invite = LambdaInvoke.jsonata(scope, 'Invite', {
    lambdaFunction: inviteTurn,
    payload: sfn.TaskInput.fromObject({ ...ID, not_before: '{% $states.input.not_before %}' }),
    outputs: '{% $states.result.Payload %}',
    ...TASK,
  });
  for (const retrier of retriers(RETRIED_ALONE)) takeTicket.addRetry(retrier);
  for (const retrier of retriers(RETRIED)) invite.addRetry(retrier);
  if (sent) invite.next(sent);

  const waitAsTold = sfn.Wait.jsonata(scope, 'WaitAsTold', {
    time: sfn.WaitTime.seconds('{% $states.input.retry_after %}'),
  });
  invite.addCatch(waitAsTold.next(invite), { errors: WAITED_FOR, outputs: WITH_RETRY_AFTER });

  const giveUp = noted(scope, 'GiveUp', { function: inviteTurn, subject: ID, next: failed });
  takeTicket.addCatch(giveUp, { outputs: WITH_ERROR });
  invite.addCatch(giveUp, { outputs: WITH_ERROR });

  return takeTicket.next(waitForTurn).next(invite);
}

/** In seconds: how long to wait if an error does not say it. */
const UNTOLD_WAIT_S = 60;

/**
 * The state's input, and how long its error says to wait, for the next try with the same ticket. The cause
 * is JSON, and its `errorMessage` is JSON again. The expression searches that text for the number and does
 * not parse it: text that is not JSON would end the execution.
 *
 * A round is 2 transitions. It takes 7 of the 25,000 events that an execution may have, so there are some
 * 3,500 rounds. The longer a request is behind its ticket, the longer `invite-turn` makes the waits: 7 days
 * have about 1,100 rounds, with room for 5 retries in each. Behind a block there are about 60 in the first
 * half hour and 1,500 at most later.
 */
const TOLD =
  '$match($string($states.errorOutput.Cause), /"retry_after\\W+(\\d{1,8})/)[0].groups[0]';
const WITH_RETRY_AFTER = `{% ($told := ${TOLD}; $merge([$states.input, {'retry_after': $exists($told) ? $number($told) : ${UNTOLD_WAIT_S}}])) %}`;
