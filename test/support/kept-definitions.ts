import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resource, Template } from './assemblies.ts';

/** The state machines, by what their names end with. */
const MACHINES = ['invites', 'events'] as const;

const fileOf = (machine: string) =>
  fileURLToPath(new URL(`../fixtures/state-machines/${machine}.json`, import.meta.url));

type Joined = [separator: string, parts: (string | { Ref: string })[]];

const machineOf = ({ Resources }: Template, ending: string): Resource => {
  const found = Object.values(Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::StepFunctions::StateMachine' &&
      Properties.StateMachineName.endsWith(`-${ending}`),
  );
  if (!found) throw new Error(`no state machine has a name that ends with -${ending}`);
  return found;
};

/** The folder of the function behind an alias. */
const folderOf = ({ Resources }: Template, alias: string): string => {
  const of = Resources[Resources[alias]?.Properties.FunctionName.Ref];
  return of?.Properties.Environment.Variables.FUNCTION;
};

const aliasOf = (template: Template, folder: string): string => {
  const found = Object.entries(template.Resources).find(
    ([name, { Type }]) => Type === 'AWS::Lambda::Alias' && folderOf(template, name) === folder,
  );
  if (!found) throw new Error(`no function ${folder} is left that a kept definition calls`);
  return found[0];
};

/** Writes the template's definitions down, with the folder of a function in place of its ARN. */
export const keepDefinitions = (template: Template): void => {
  for (const ending of MACHINES) {
    const [separator, parts] = machineOf(template, ending).Properties.DefinitionString[
      'Fn::Join'
    ] as Joined;
    const texts = parts.map((part) => {
      if (typeof part === 'string') return part;
      return part.Ref === 'AWS::Partition' ? 'aws' : `function:${folderOf(template, part.Ref)}`;
    });
    const definition = JSON.parse(texts.join(separator));
    writeFileSync(fileOf(ending), `${JSON.stringify(definition, undefined, 2)}\n`);
  }
};

/** For `startLocalRun`: the state machines of the last release, with the functions of today. */
export const withKeptDefinitions = (text: string): string => {
  const template: Template = JSON.parse(text);
  for (const ending of MACHINES) {
    const kept = JSON.stringify(JSON.parse(readFileSync(fileOf(ending), 'utf8')));
    const parts = kept
      .split(/"function:([\w-]+)"/)
      .flatMap((part, index) =>
        index % 2 === 0 ? [part] : ['"', { Ref: aliasOf(template, part) }, '"'],
      );
    machineOf(template, ending).Properties.DefinitionString = { 'Fn::Join': ['', parts] };
  }
  return JSON.stringify(template);
};
