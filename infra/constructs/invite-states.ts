import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { noted, WITH_ERROR } from './noted.ts';
import { RETRIED, retriers, TASK, WAITED_FOR } from './state-errors.ts';

const ID = {
  id: '{% $states.input.id %}',
  generation: '{% $states.input.generation %}',
};

export interface InviteStatesProps {
  laneTicket: IFunction;
  inviteTask: IFunction;
  /** Where executions end that send nothing. The error is its input. */
  failed: sfn.IChainable;
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
  const { laneTicket, inviteTask, failed } = props;
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
    lambdaFunction: inviteTask,
    payload: sfn.TaskInput.fromObject({ ...ID, not_before: '{% $states.input.not_before %}' }),
    outputs: '{% $states.result.Payload %}',
    ...TASK,
  });
  for (const retrier of retriers(RETRIED)) {
    takeTicket.addRetry(retrier);
    invite.addRetry(retrier);
  }

  const waitAsTold = sfn.Wait.jsonata(scope, 'WaitAsTold', {
    time: sfn.WaitTime.seconds('{% $states.input.retry_after %}'),
  });
  invite.addCatch(waitAsTold.next(invite), { errors: WAITED_FOR, outputs: WITH_RETRY_AFTER });

  const giveUp = noted(scope, 'GiveUp', { function: inviteTask, subject: ID, next: failed });
  takeTicket.addCatch(giveUp, { outputs: WITH_ERROR });
  invite.addCatch(giveUp, { outputs: WITH_ERROR });

  return takeTicket.next(waitForTurn).next(invite);
}

/** In seconds: how long is waited where an error does not say it. */
const UNTOLD_WAIT_S = 60;

/**
 * The state's input, and how long its error says to wait. The cause is JSON, its `errorMessage` is JSON
 * again, and there the number is looked for as text: whatever a cause is, it is not parsed, since a text
 * that cannot be parsed would end the execution. What is asked again has the same ticket.
 *
 * A round is 2 transitions and takes 7 of the 25,000 events that an execution may have: some 3,500 rounds.
 * `invite-task` makes the waits longer the longer an ask is behind its ticket, so that 7 days have about
 * 1,100, which leaves room for 5 retries in each.
 */
const TOLD =
  '$match($string($states.errorOutput.Cause), /"retry_after\\W+(\\d{1,8})/)[0].groups[0]';
const WITH_RETRY_AFTER = `{% ($told := ${TOLD}; $merge([$states.input, {'retry_after': $exists($told) ? $number($told) : ${UNTOLD_WAIT_S}}])) %}`;
