import { expect, test } from 'vitest';
import { type Resource, synthesized, type Template } from './synthesized.ts';

const shipped = synthesized();

/** The resources that CloudFormation could not create, because they wait for each other. */
function waitingForEachOther({ Resources }: Template): string[] {
  let left = Object.keys(Resources);
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    left = left.filter((id) => {
      const text = JSON.stringify(Resources[id]);
      return left.some((other) => text.includes(`"${other}"`));
    });
  }
  return left;
}

test('the resources can be created one after another', () => {
  expect(waitingForEachOther(shipped)).toEqual([]);
});

test('a function that referred to the workflow, which calls it, would close a circle', () => {
  const circular = structuredClone(shipped);
  const idOf = (type: string, name: string) =>
    Object.entries(circular.Resources).find(
      ([, { Type, Metadata }]) => Type === type && Metadata?.['aws:cdk:path']?.includes(name),
    )?.[0] as string;
  const workflow = idOf('AWS::StepFunctions::StateMachine', 'workflow');
  const inviteTask = idOf('AWS::Lambda::Function', 'invite-task');
  const { Properties } = circular.Resources[inviteTask] as Resource;
  Properties.Environment.Variables.WORKFLOW_ARN = { Ref: workflow };
  expect(waitingForEachOther(circular)).toEqual(expect.arrayContaining([inviteTask, workflow]));
});
