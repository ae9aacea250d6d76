import validate from 'asl-validator';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import type { Definition, State } from './definition.ts';
import { expressionIn, problemOf } from './expressions.ts';
import { RESOURCES, unqualified } from './integrations.ts';

const words = (text: string) => text.split(' ');

/** The fields that are understood, of each type of state and of what stands inside one. */
const FIELDS = {
  Task: words(
    'Arguments Assign Catch Comment End HeartbeatSeconds Next Output QueryLanguage Resource Retry TimeoutSeconds Type',
  ),
  Map: words(
    'Assign Catch Comment End ItemProcessor ItemSelector Items MaxConcurrency Next Output QueryLanguage Retry Type',
  ),
  Wait: words('Assign Comment End Next Output QueryLanguage Seconds Timestamp Type'),
  Pass: words('Assign Comment End Next Output QueryLanguage Type'),
  Choice: words('Assign Choices Comment Default Output QueryLanguage Type'),
  Succeed: words('Comment Output QueryLanguage Type'),
  Fail: words('Cause Comment Error QueryLanguage Type'),
  machine: words('Comment QueryLanguage StartAt States TimeoutSeconds Version'),
  ItemProcessor: words('Comment ProcessorConfig StartAt States'),
  Choices: words('Assign Comment Condition Next Output'),
  Catch: words('Assign Comment ErrorEquals Next Output'),
  Retry: words(
    'BackoffRate Comment ErrorEquals IntervalSeconds JitterStrategy MaxAttempts MaxDelaySeconds',
  ),
};
type Kind = keyof typeof FIELDS;
const TYPES: readonly string[] = words('Task Map Wait Pass Choice Succeed Fail');

/** Of these the strings may be expressions. */
const EVALUATED = words(
  'Arguments Assign Cause Condition Error HeartbeatSeconds ItemSelector Items MaxConcurrency Output Seconds TimeoutSeconds Timestamp',
);

/** What `$states` has in Assign and Output, apart from context and input. */
const FOUND: { [kind in Kind]?: string[] } = {
  Task: ['result'],
  Map: ['result'],
  Catch: ['errorOutput'],
};

/** Reserved names that can occur here; for any other a definition would wait for ever. */
const RESERVED =
  /^States\.(ALL|DataLimitExceeded|HeartbeatTimeout|QueryEvaluationError|TaskFailed|Timeout)$/;

const VARIABLE = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

type Fields = Record<string, unknown>;

/** What a part of a definition is checked against. */
type Around = {
  functionArns: readonly string[];
  /** Variables of the states around a Map, which AWS lets nobody assign again. */
  outer: readonly string[];
  /** These, and those of the states next to this one. */
  variables: readonly string[];
};

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

function parse(text: string, place: Place): Definition {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Definition;
  } catch {
    // Falls through: not JSON and not an object are one error.
  }
  throw new NotUnderstood(place, 'a definition that is not a JSON object', 'Correct it.');
}

/** Without the second opinion. @throws NotUnderstood */
export function checkDefinition(
  definition: Definition,
  functionArns: readonly string[],
  place: Place,
): void {
  const whole: Fields = { QueryLanguage: undefined, ...definition };
  checkFields('machine', whole, place, { functionArns, outer: [], variables: [] });
}

function refuse(place: Place, what: string): never {
  const remedy = 'Teach it in infra/local/step-functions/, or change the definition.';
  throw new NotUnderstood(place, what, remedy);
}

function checkFields(kind: Kind, fields: Fields, place: Place, around: Around): void {
  for (const [name, value] of Object.entries(fields)) {
    const here = inside(place, name);
    if (!FIELDS[kind].includes(name)) refuse(here, 'this field is not understood');
    if (EVALUATED.includes(name)) {
      const isConclusion = name === 'Assign' || name === 'Output';
      checkExpressions(value, (isConclusion && FOUND[kind]) || [], here);
    }
    CHECKS[name]?.(value, here, around);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: of what somebody wrote no shape is certain.
type Check = (value: any, place: Place, around: Around) => void;

const checkList =
  (kind: Kind): Check =>
  (items, place, around) => {
    for (const [index, item] of items.entries()) {
      checkFields(kind, item, inside(place, index), around);
    }
  };

/** What more is to be said of some fields, wherever they stand. */
const CHECKS: Record<string, Check> = {
  QueryLanguage: (value, place) => {
    if (value !== 'JSONata') refuse(place, 'only "JSONata" is understood');
  },
  Assign: (variables, place, { outer }) => {
    for (const name of Object.keys(variables)) {
      const at = inside(place, name);
      if (name === 'states' || !VARIABLE.test(name)) refuse(at, 'not a variable’s name');
      if (outer.includes(name)) refuse(at, 'the states around this Map assign the same name');
    }
  },
  Catch: checkList('Catch'),
  Choices: checkList('Choices'),
  Retry: checkList('Retry'),
  ErrorEquals: (names: string[], place) => {
    const unknown = names.find((name) => name.startsWith('States.') && !RESERVED.test(name));
    if (unknown) refuse(place, `${unknown} does not occur here`);
  },
  ItemProcessor: (processor, place, around) => {
    checkFields('ItemProcessor', processor, place, { ...around, outer: around.variables });
  },
  ProcessorConfig: (value, place) => {
    if (JSON.stringify(value) === '{"Mode":"INLINE"}') return;
    refuse(place, 'only {"Mode": "INLINE"} is understood');
  },
  States: (states: Record<string, State>, place, { functionArns, outer }) => {
    const all = Object.values(states);
    const assigning = all.flatMap((one) => [one, ...(one.Choices ?? []), ...(one.Catch ?? [])]);
    const variables = [...outer, ...assigning.flatMap(({ Assign }) => Object.keys(Assign ?? {}))];
    for (const [name, state] of Object.entries(states)) {
      const here = inside(place, name);
      const { Type } = state;
      if (name.length > 80) refuse(here, 'a name of more than 80 characters');
      if (!TYPES.includes(Type)) refuse(inside(here, 'Type'), `${Type} is not understood`);
      checkFields(Type, state, here, { functionArns, outer, variables });
      if (Type === 'Task') checkResource(state, functionArns, here);
    }
  },
};

function checkExpressions(value: unknown, found: readonly string[], place: Place): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkExpressions(item, found, inside(place, key));
    }
  }
  if (typeof value !== 'string' || !/^\{%|%\}$/.test(value)) return;
  const text = expressionIn(value);
  if (text === undefined) refuse(place, 'an expression begins with {% and ends with %}');
  const problem = problemOf(text, found);
  if (problem !== undefined) refuse(place, problem);
}

function checkResource(state: State, functionArns: readonly string[], place: Place): void {
  const { Resource, Arguments = {} } = state;
  const resource = RESOURCES[Resource];
  if (!resource) {
    const known = Object.keys(RESOURCES).join(', ');
    refuse(inside(place, 'Resource'), `${Resource} is not understood, only ${known}`);
  }
  // What an expression makes of them is known only when it is evaluated.
  if (expressionIn(Arguments) !== undefined) return;
  const at = (name: string) => inside(inside(place, 'Arguments'), name);
  const other = Object.keys(Arguments).find((name) => !resource.arguments.includes(name));
  if (other) refuse(at(other), 'this argument is not understood');
  const missing = resource.required.find((name) => !(name in Arguments));
  if (missing) refuse(at(missing), 'missing');
  const { FunctionName: name } = Arguments;
  if (name === undefined || expressionIn(name) !== undefined) return;
  if (functionArns.includes(unqualified(name))) return;
  refuse(
    at('FunctionName'),
    `${JSON.stringify(name)} is not the ARN of a function of the template`,
  );
}
