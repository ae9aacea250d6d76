/** Step Functions' own: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const LONGEST_STATE_MACHINE_NAME = 80;

/** What the workflow is called in a stack of this name. */
export function workflowName(stackName: string): string {
  return `${stackName}-invites`;
}

/** What the workflow of the HR systems' events is called. */
export function eventsWorkflowName(stackName: string): string {
  return `${stackName}-events`;
}

/** In characters; a longer one would leave no room for the workflow's name. */
export const LONGEST_STACK_NAME = LONGEST_STATE_MACHINE_NAME - workflowName('').length;
