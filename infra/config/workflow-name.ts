/** Step Functions' own: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const LONGEST_STATE_MACHINE_NAME = 80;

/** What the workflow is called in a stack of this name. */
export function workflowName(stackName: string): string {
  return `${stackName}-invites`;
}

/** In characters; a longer one would leave no room for the workflow's name. */
export const LONGEST_STACK_NAME = LONGEST_STATE_MACHINE_NAME - workflowName('').length;
