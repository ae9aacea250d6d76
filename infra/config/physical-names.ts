import { FUNCTION_TIMEOUT_S } from '../../functions/lib/times.ts';

/** The deployed functions: each is a folder under functions/. */
export type FunctionName = keyof typeof FUNCTION_TIMEOUT_S;

export const FUNCTION_NAMES = Object.keys(FUNCTION_TIMEOUT_S) as FunctionName[];

/** Lambda's own: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const LONGEST_FUNCTION_NAME = 64;

/** What a function is called in a stack of this name. */
export function functionName(stackName: string, name: FunctionName): string {
  return `${stackName}-${name}`;
}

/** The alias of each function, which everybody calls. */
export const LIVE = 'live';

/** What the workflow is called in a stack of this name. */
export function workflowName(stackName: string): string {
  return `${stackName}-invites`;
}

/** What the workflow of the HR systems' events is called. */
export function eventsWorkflowName(stackName: string): string {
  return `${stackName}-events`;
}

/** In characters; a longer one would leave no room for the names of its functions. */
export const LONGEST_STACK_NAME =
  LONGEST_FUNCTION_NAME - Math.max(...FUNCTION_NAMES.map((name) => functionName('', name).length));
