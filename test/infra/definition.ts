import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { type Resource, resources, type Template } from './synthesized.ts';

/**
 * The definition of the template's one state machine, as Step Functions gets it: with a function
 * ARN, made of the logical id, for each reference to a function.
 */
export function definitionOf(template: Template): StateMachineDefinition {
  const machine = resources(template, 'AWS::StepFunctions::StateMachine')[0] as Resource;
  const [separator, parts] = machine.Properties.DefinitionString['Fn::Join'];
  return JSON.parse(parts.map(resolved).join(separator));
}

function resolved(part: string | { Ref?: string; 'Fn::GetAtt'?: [string, string] }): string {
  if (typeof part === 'string') return part;
  if (part.Ref === 'AWS::Partition') return 'aws';
  return `arn:aws:lambda:eu-central-1:111122223333:function:${part['Fn::GetAtt']?.[0]}`;
}
