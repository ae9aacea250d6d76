import { expect, test } from 'vitest';
import { type Resource, type Template, templateOf } from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';

const shipped = await templateOf();
const withSources = await templateOf(WITH_SOURCES);

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

test.each([
  ['as shipped', shipped],
  ['with webhook sources', withSources],
])('the resources can be created one after another: %s', (_, template) => {
  expect(waitingForEachOther(template)).toEqual([]);
});

test.each([
  ['as shipped', shipped, '/workflow/', '/invite-turn/'],
  ['with webhook sources', withSources, '/hr/workflow/', '/hr/hr-invite/'],
])(
  'a function that referred to the workflow, which calls it, would close a circle: %s',
  (_, template, machine, called) => {
    const circular = structuredClone(template);
    const idOf = (type: string, path: string) =>
      Object.entries(circular.Resources).find(
        ([, { Type, Metadata }]) => Type === type && Metadata?.['aws:cdk:path']?.includes(path),
      )?.[0] as string;
    const workflow = idOf('AWS::StepFunctions::StateMachine', machine);
    const task = idOf('AWS::Lambda::Function', called);
    const { Properties } = circular.Resources[task] as Resource;
    Properties.Environment.Variables.WORKFLOW_ARN = { Ref: workflow };
    expect(waitingForEachOther(circular)).toEqual(expect.arrayContaining([task, workflow]));
  },
);
