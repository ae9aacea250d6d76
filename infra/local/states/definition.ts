import validate from 'asl-validator';
import { NotUnderstood, type Place } from '../lib/not-understood.ts';
import { checkFields } from './understood.ts';

export type StateType = 'Task' | 'Wait' | 'Pass' | 'Choice' | 'Succeed' | 'Fail';

/** A state in the Amazon States Language: https://states-language.net/spec.html */
export type State = {
  Type: StateType;
  // biome-ignore lint/suspicious/noExplicitAny: each type has fields of its own, which `checkFields` has looked through.
  [field: string]: any;
};

/** A state machine in the Amazon States Language. */
export type Definition = {
  StartAt: string;
  States: Record<string, State>;
  TimeoutSeconds?: number;
};

/**
 * Reads a state machine's definition.
 * @param text JSON, as in the property DefinitionString
 * @param functionArns the functions that there are to call
 * @throws NotUnderstood for what is no valid definition, or for the first state and field that the
 * interpreter would do otherwise than AWS
 */
export function readDefinition(
  text: string,
  functionArns: readonly string[],
  place: Place,
): Definition {
  const definition = parse(text, place);
  // The validator writes into what it is given.
  const { isValid, errorsText } = validate(structuredClone(definition));
  if (!isValid) {
    throw new NotUnderstood(place, `no valid definition: ${errorsText('; ')}`, 'Correct it.');
  }
  checkFields(definition, functionArns, place);
  return definition;
}

function parse(text: string, place: Place): Definition {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotUnderstood(place, 'a definition that is no JSON', 'Correct it.');
  }
}
