import { inside, type Place } from '../lib/not-understood.ts';
import { checkChoice } from './choice-rules.ts';
import type { Definition, State, StateType } from './definition.ts';
import { checkOptionalPath, checkPath, checkResultPath, checkTemplate } from './paths.ts';
import { refuse } from './refuse.ts';
import { checkTask } from './task-fields.ts';

const MACHINE_FIELDS = [
  'Comment',
  'QueryLanguage',
  'StartAt',
  'States',
  'TimeoutSeconds',
  'Version',
];

const ANY_STATE = ['Comment', 'QueryLanguage', 'Type'];
const TRANSITION = ['End', 'Next'];
const IN_AND_OUT = ['InputPath', 'OutputPath'];

/** The fields of each type of state that run here as they do on AWS. */
const STATE_FIELDS: Record<StateType, readonly string[]> = {
  Task: [
    ...ANY_STATE,
    ...TRANSITION,
    ...IN_AND_OUT,
    'Catch',
    'Parameters',
    'Resource',
    'ResultPath',
    'ResultSelector',
    'Retry',
    'TimeoutSeconds',
  ],
  Pass: [...ANY_STATE, ...TRANSITION, ...IN_AND_OUT, 'Parameters', 'Result', 'ResultPath'],
  Wait: [...ANY_STATE, ...TRANSITION, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Choice: [...ANY_STATE, ...IN_AND_OUT, 'Choices', 'Default'],
  Succeed: [...ANY_STATE, ...IN_AND_OUT],
  Fail: [...ANY_STATE, 'Cause', 'CausePath', 'Error', 'ErrorPath'],
};

/**
 * Stops at the first field of a definition that the interpreter would ignore, or do otherwise than AWS.
 * @param functionArns the functions that there are to call
 * @throws NotUnderstood naming the state and the field
 */
export function checkFields(
  definition: Definition,
  functionArns: readonly string[],
  place: Place,
): void {
  checkNames(definition, MACHINE_FIELDS, place);
  for (const [name, state] of Object.entries(definition.States)) {
    const here = inside(inside(place, 'States'), name);
    const fields = STATE_FIELDS[state.Type];
    if (!fields) refuse(inside(here, 'Type'), `${state.Type} is not understood`);
    checkNames(state, fields, here);
    checkOptionalPath(state.InputPath, inside(here, 'InputPath'));
    checkOptionalPath(state.OutputPath, inside(here, 'OutputPath'));
    checkResultPath(state.ResultPath, inside(here, 'ResultPath'));
    checkTemplate(state.Parameters, inside(here, 'Parameters'), state.Type === 'Pass');
    checkTemplate(state.ResultSelector, inside(here, 'ResultSelector'));
    for (const field of ['SecondsPath', 'TimestampPath', 'ErrorPath', 'CausePath']) {
      if (state[field] !== undefined) checkPath(state[field], inside(here, field));
    }
    if (state.Type === 'Task') checkTask(state, functionArns, here);
    if (state.Type === 'Choice') checkChoice(state, here);
    if (state.Type === 'Pass') checkResult(state, here);
  }
}

function checkNames(object: object, known: readonly string[], place: Place): void {
  for (const [name, value] of Object.entries(object)) {
    const here = inside(place, name);
    if (!known.includes(name)) refuse(here, 'this field is not understood');
    // JSONata would be taken for text.
    if (name === 'QueryLanguage' && value !== 'JSONPath') {
      refuse(here, `${JSON.stringify(value)} is not understood, only "JSONPath"`);
    }
  }
}

function checkResult({ Result, Parameters }: State, place: Place): void {
  if (Result === undefined) return;
  const here = inside(place, 'Result');
  if (!Result) refuse(here, `the interpreter ignores the result ${JSON.stringify(Result)}`);
  if (Parameters !== undefined) refuse(here, 'not understood beside Parameters');
}
