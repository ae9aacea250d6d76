import { ArnFormat, type Stack } from 'aws-cdk-lib';

export interface WorkflowArns {
  name: string;
  stateMachine: string;
  /** All of the machine's executions, as a pattern. */
  executions: string;
}

/**
 * The workflow's ARNs for the functions that start it. It calls one of them itself, so a reference would
 * be a circle. Its name is fixed instead, and the ARNs are made from the name.
 */
export function workflowArns(stack: Stack, name: string): WorkflowArns {
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({
      service: 'states',
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  return {
    name,
    stateMachine: arn('stateMachine', name),
    executions: arn('execution', `${name}:*`),
  };
}
