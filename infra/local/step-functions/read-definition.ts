import validate from 'asl-validator';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import type { Definition, State, States } from './definition.ts';
import { compile, expressionIn, problemOf } from './expressions.ts';
import { RESOURCES, unqualified } from './integrations.ts';

const words = (text: string) => text.split(' ');

/** The fields that are understood, of each type of state and of what stands inside one. */
const FIELDS = {
  Task: words(
    'Arguments Assign Catch End HeartbeatSeconds Next Output Resource Retry TimeoutSeconds',
  ),
  Map: words('Assign Catch End ItemProcessor ItemSelector Items MaxConcurrency Next Output Retry'),
  Wait: words('Assign End Next Output Seconds Timestamp'),
  Pass: words('Assign End Next Output'),
  Choice: words('Assign Choices Default Output'),
  Succeed: words('Output'),
  Fail: words('Cause Error'),
  machine: words('Comment QueryLanguage StartAt States TimeoutSeconds Version'),
  ItemProcessor: words('Comment ProcessorConfig StartAt States'),
  Choices: words('Assign Comment Condition Next Output'),
  Catch: words('Assign Comment ErrorEquals Next Output'),
  Retry: words(
    'BackoffRate Comment ErrorEquals IntervalSeconds JitterStrategy MaxAttempts MaxDelaySeconds',
  ),
};
const ANY_STATE = words('Comment QueryLanguage Type');

/** Of these the strings may be expressions. */
const EVALUATED = words(
  'Arguments Assign Cause Condition Error HeartbeatSeconds ItemSelector Items MaxConcurrency Output Seconds TimeoutSeconds Timestamp',
);

/** Reserved names that can occur here; for any other a definition would wait in vain. */
const RESERVED = words(
  'ALL DataLimitExceeded HeartbeatTimeout QueryEvaluationError TaskFailed Timeout',
);

const VARIABLE = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

type Fields = Record<string, unknown>;

/**
 * Reads a state machine's definition.
 * @param text JSON, as in the property DefinitionString
 * @param functionArns the functions that there are to call
 * @throws NotUnderstood for what is not a valid definition, and for the first state and field that this
 * runner does not have
 */
export function readDefinition(
  text: string,
  functionArns: readonly string[],
  place: Place,
): Definition {
  const definition = parse(text, place);
  let problem = 'a state, or a part of one, is not of the type that it must be';
  try {
    checkDefinition(definition, functionArns, place);
    // The second opinion, last since it takes the longest. It writes into what it is given.
    const { isValid, errorsText } = validate(structuredClone(definition));
    if (isValid) return definition;
    problem = errorsText('; ');
  } catch (error) {
    // Anything else is a TypeError: both opinions rely on objects where objects belong.
    if (error instanceof NotUnderstood) throw error;
  }
  throw new NotUnderstood(place, `not a valid definition: ${problem}`, 'Correct it.');
}

/** Without the second opinion. @throws NotUnderstood */
export function checkDefinition(
  definition: Definition,
  functionArns: readonly string[],
  place: Place,
): void {
  checkFields(definition, FIELDS.machine, [], place);
  if ((definition as Fields).QueryLanguage !== 'JSONata') {
    refuse(inside(place, 'QueryLanguage'), 'only "JSONata" is understood, for the whole machine');
  }
  checkStates(definition, functionArns, [], place);
}

function parse(text: string, place: Place): Definition {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Definition;
  } catch {
    // Falls through: not JSON and not an object are one error.
  }
  throw new NotUnderstood(place, 'a definition that is not a JSON object', 'Correct it.');
}

function refuse(place: Place, what: string): never {
  const remedy = 'Teach it in infra/local/step-functions/, or change the definition.';
  throw new NotUnderstood(place, what, remedy);
}

/** @param outer the variables that the states around these assign, which AWS lets nobody assign again */
function checkStates(
  { States = {} }: States,
  functionArns: readonly string[],
  outer: readonly string[],
  place: Place,
): void {
  const all = Object.entries(States);
  const own = all.flatMap(([, state]) => [state, ...(state.Choices ?? []), ...(state.Catch ?? [])]);
  const variables = [...outer, ...own.flatMap(({ Assign }) => Object.keys(Assign ?? {}))];
  for (const [name, state] of all) {
    const here = inside(inside(place, 'States'), name);
    const { Type } = state;
    if (!ANY_TYPE.includes(Type)) refuse(inside(here, 'Type'), `${Type} is not understood`);
    if (name.length > 80) refuse(here, 'a name of more than 80 characters');
    const found = Type === 'Task' || Type === 'Map' ? ['result'] : [];
    checkFields(state, [...ANY_STATE, ...FIELDS[Type]], found, here, outer);
    for (const list of ['Choices', 'Retry', 'Catch'] as const) {
      for (const [index, item] of ((state[list] ?? []) as Fields[]).entries()) {
        const at = inside(inside(here, list), index);
        checkFields(item, FIELDS[list], list === 'Catch' ? ['errorOutput'] : [], at, outer);
        checkErrors(item, at);
      }
    }
    if (Type === 'Task') checkResource(state, functionArns, here);
    if (Type === 'Map') {
      const at = inside(here, 'ItemProcessor');
      const { ProcessorConfig = { Mode: 'INLINE' } } = state.ItemProcessor ?? {};
      checkFields(state.ItemProcessor ?? {}, FIELDS.ItemProcessor, [], at);
      if (JSON.stringify(ProcessorConfig) !== '{"Mode":"INLINE"}') {
        refuse(inside(at, 'ProcessorConfig'), 'only {"Mode": "INLINE"} is understood');
      }
      checkStates(state.ItemProcessor ?? {}, functionArns, variables, at);
    }
  }
}

const ANY_TYPE = words('Task Map Wait Pass Choice Succeed Fail');

/** @param found what `$states` has in Output and Assign, apart from context and input */
function checkFields(
  fields: Fields,
  known: readonly string[],
  found: readonly string[],
  place: Place,
  outer: readonly string[] = [],
): void {
  for (const [name, value] of Object.entries(fields)) {
    const here = inside(place, name);
    if (!known.includes(name)) refuse(here, 'this field is not understood');
    if (name === 'QueryLanguage' && value !== 'JSONata') {
      refuse(here, 'only "JSONata" is understood');
    }
    if (!EVALUATED.includes(name)) continue;
    checkExpressions(value, name === 'Assign' || name === 'Output' ? found : [], here);
    if (name !== 'Assign') continue;
    for (const variable of Object.keys(value as object)) {
      const at = inside(here, variable);
      if (variable === 'states' || !VARIABLE.test(variable)) refuse(at, 'not a variable’s name');
      if (outer.includes(variable)) refuse(at, 'the states around this Map assign the same name');
    }
  }
}

function checkExpressions(value: unknown, found: readonly string[], place: Place): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkExpressions(item, found, inside(place, key));
    }
  }
  if (typeof value !== 'string' || !/^\{%|%\}$/.test(value)) return;
  const text = expressionIn(value);
  if (text === undefined) refuse(place, 'an expression begins with {% and ends with %}');
  try {
    compile(text);
  } catch (error) {
    refuse(place, `not JSONata: ${(error as Error).message}`);
  }
  const problem = problemOf(text, found);
  if (problem !== undefined) refuse(place, problem);
}

function checkErrors({ ErrorEquals = [] }: { ErrorEquals?: string[] }, place: Place): void {
  const unknown = ErrorEquals.find(
    (name) => /^States\./.test(name) && !RESERVED.includes(name.slice(7)),
  );
  if (unknown) refuse(inside(place, 'ErrorEquals'), `${unknown} does not occur here`);
}

function checkResource(
  { Resource, Arguments = {} }: State,
  functionArns: readonly string[],
  place: Place,
): void {
  const resource = RESOURCES[Resource];
  if (!resource) {
    const known = Object.keys(RESOURCES).join(', ');
    refuse(inside(place, 'Resource'), `${Resource} is not understood, only ${known}`);
  }
  const here = inside(place, 'Arguments');
  // What an expression makes of them is known only when it is evaluated.
  if (expressionIn(Arguments) !== undefined) return;
  const other = Object.keys(Arguments).find((name) => !resource.arguments.includes(name));
  if (other) refuse(inside(here, other), 'this argument is not understood');
  const missing = resource.required.find((name) => !(name in Arguments));
  if (missing) refuse(inside(here, missing), 'missing');
  const { FunctionName = '{%%}' } = Arguments;
  if (expressionIn(FunctionName) !== undefined || functionArns.includes(unqualified(FunctionName)))
    return;
  const named = JSON.stringify(FunctionName);
  refuse(inside(here, 'FunctionName'), `${named} is not the ARN of a function of the template`);
}
