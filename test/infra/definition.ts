import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import type { Definition } from '../../infra/local/step-functions/model.ts';
import { type Resource, resources, type Template } from '../support/assemblies.ts';

/** What the name of a state machine ends with. */
export type MachineName = 'invites' | 'events';

/** The template's state machine of a name. */
export function machineOf(template: Template, name: MachineName): Resource {
  const machines = resources(template, 'AWS::StepFunctions::StateMachine');
  const found = machines.find(({ Properties }) => Properties.StateMachineName.endsWith(`-${name}`));
  if (!found) throw new Error(`no state machine has a name that ends with -${name}`);
  return found;
}

/**
 * The definition of one of the template's state machines, as Step Functions gets it: with a
 * function ARN, made of the logical id, for each reference to an alias.
 */
export function definitionOf(template: Template, name: MachineName = 'invites'): Definition {
  const [separator, parts] = machineOf(template, name).Properties.DefinitionString['Fn::Join'];
  return JSON.parse(parts.map(resolved).join(separator));
}

function resolved(part: string | { Ref: string }): string {
  if (typeof part === 'string') return part;
  if (part.Ref === 'AWS::Partition') return 'aws';
  return `arn:aws:lambda:eu-central-1:111122223333:function:${part.Ref}`;
}

export type Retrier = { ErrorEquals: string[]; MaxAttempts: number };

/** How often a state tries again after an error: by the first retrier that knows it, as on AWS. */
export const attemptsAfter = ({ Retry }: { Retry: Retrier[] }, name: string): number | undefined =>
  Retry.find(({ ErrorEquals }) => ErrorEquals.some((one) => one === name || one === 'States.ALL'))
    ?.MaxAttempts;

/** How often what may pass is tried again: for nearly the 7 days of a request. */
export const RETRIES = 1270;
/** How often a note is tried again: for about an hour. */
export const NOTE_RETRIES = 30;

/** The classes that nothing but a person can change. */
export const FINAL = Object.entries(ERROR_CLASSES)
  .filter(([, { retryable }]) => !retryable)
  .map(([name]) => name);
