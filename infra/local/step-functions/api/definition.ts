import validate from 'asl-validator';
import { inside, NotUnderstood, type Place } from '../../lib/not-understood.ts';
import { expressionIn } from '../expressions.ts';
import type { Resource } from '../integrations.ts';
import type { Definition, State } from '../model.ts';
import { checkExpressions } from './expression-check.ts';

const EVERY = 'Comment QueryLanguage Type';
const LEADING = `${EVERY} Assign End Next Output`;

/** The fields that are understood: of each type of state, and of what stands inside one. */
const FIELDS: Record<string, string> = {
  Task: `${LEADING} Arguments Catch HeartbeatSeconds Resource Retry TimeoutSeconds`,
  Map: `${LEADING} Catch ItemProcessor ItemSelector Items MaxConcurrency Retry`,
  Wait: `${LEADING} Seconds Timestamp`,
  Pass: LEADING,
  Choice: `${EVERY} Assign Choices Default Output`,
  Succeed: `${EVERY} Output`,
  Fail: `${EVERY} Cause Error`,
  machine: 'Comment QueryLanguage StartAt States TimeoutSeconds Version',
  ItemProcessor: 'Comment ProcessorConfig StartAt States',
  Choices: 'Assign Comment Condition Next Output',
  Catch: 'Assign Comment ErrorEquals Next Output',
  Retry:
    'BackoffRate Comment ErrorEquals IntervalSeconds JitterStrategy MaxAttempts MaxDelaySeconds',
};
const TYPES = 'Task Map Wait Pass Choice Succeed Fail'.split(' ');

/** What a Task hands to its resource; the first is required. */
const ARGUMENTS: Record<Resource, string> = {
  'arn:aws:states:::lambda:invoke': 'FunctionName Payload',
  'arn:aws:states:::lambda:invoke.waitForTaskToken': 'FunctionName Payload',
  'arn:aws:states:::states:startExecution.sync:2': 'StateMachineArn Input Name',
  'arn:aws:states:::events:putEvents': 'Entries',
};

/** Of these the strings may be expressions. */
const EVALUATED =
  /^(Arguments|Assign|Cause|Condition|Error|HeartbeatSeconds|ItemSelector|Items|MaxConcurrency|Output|Seconds|TimeoutSeconds|Timestamp)$/;

/** What `$states` has in Assign and Output, apart from context and input. */
const FOUND: Record<string, string[]> = {
  Task: ['result'],
  Map: ['result'],
  Catch: ['errorOutput'],
};

/** Reserved names that can occur here; for any other a definition would wait for ever. */
const RESERVED =
  /^States\.(ALL|DataLimitExceeded|HeartbeatTimeout|QueryEvaluationError|TaskFailed|Timeout)$/;

const VARIABLE = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

/** What a part of a definition is checked against. */
type Around = {
  functionArns: readonly string[];
  /** Variables of the states around a Map, which AWS lets nobody assign again. */
  outer: readonly string[];
  /** These, and those of the states next to this one. */
  variables: readonly string[];
  /** The states inside a Map, which none of them may leave. */
  inMap?: readonly string[];
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
    // The second opinion, last since it takes the longest.
    const { isValid, errorsText } = validate(checkDefinition(definition, functionArns, place));
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

/**
 * Without the second opinion.
 * @returns a copy for it with plain expressions: it takes none with a line break, and no plain Output
 * @throws NotUnderstood
 */
export function checkDefinition(
  definition: Definition,
  functionArns: readonly string[],
  place: Place,
): object {
  const copy: Record<string, unknown> = structuredClone({
    QueryLanguage: undefined,
    ...definition,
  });
  checkFields('machine', copy, place, { functionArns, outer: [], variables: [] });
  return copy;
}

function refuse(place: Place, what: string): never {
  const remedy = 'Teach it in infra/local/step-functions/, or change the definition.';
  throw new NotUnderstood(place, what, remedy);
}

function checkFields(
  kind: string,
  fields: Record<string, unknown>,
  place: Place,
  around: Around,
): void {
  const known = FIELDS[kind]?.split(' ') ?? [];
  for (const [name, value] of Object.entries(fields)) {
    const here = inside(place, name);
    if (!known.includes(name)) refuse(here, 'this field is not understood');
    CHECKS[name]?.(value, here, around);
    if (!EVALUATED.test(name)) continue;
    const isConclusion = name === 'Assign' || name === 'Output';
    checkExpressions(value, (isConclusion && FOUND[kind]) || [], here, refuse);
    fields[name] = plain(name, value);
  }
}

function plain(name: string, value: unknown): unknown {
  if (name === 'Assign') return {};
  const isAny = name === 'Output' || name === 'Arguments' || name === 'ItemSelector';
  return isAny || expressionIn(value) !== undefined ? '{% 1 %}' : value;
}

// biome-ignore lint/suspicious/noExplicitAny: of what somebody wrote no shape is certain.
type Check = (value: any, place: Place, around: Around) => void;

const checkList =
  (kind: string): Check =>
  (items, place, around) => {
    for (const [index, item] of items.entries()) {
      const here = inside(place, index);
      checkFields(kind, item, here, around);
      const { ErrorEquals: names = [] } = item;
      const isLast = index === items.length - 1 && names.length === 1;
      if (names.includes('States.ALL') && !isLast) {
        refuse(inside(here, 'ErrorEquals'), 'States.ALL stands alone, and at the end');
      }
    }
  };

const checkForm =
  (form: RegExp, words: string): Check =>
  (value, place) => {
    if (!form.test(JSON.stringify(value))) refuse(place, `not ${words}`);
  };

/** That there is such a state anywhere is for the second opinion. */
const checkTarget: Check = (name, place, { inMap }) => {
  if (inMap && !inMap.includes(name)) refuse(place, `${name} is not a state of this Map`);
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
  // The second opinion does not look at these: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
  BackoffRate: checkForm(/^[1-9]\d*(\.\d+)?$/, 'a number from 1'),
  IntervalSeconds: checkForm(/^[1-9]\d{0,7}$/, 'a whole number from 1 to 99999999'),
  JitterStrategy: checkForm(/^"(FULL|NONE)"$/, '"FULL" or "NONE"'),
  MaxAttempts: checkForm(/^\d{1,8}$/, 'a whole number from 0 to 99999999'),
  MaxDelaySeconds: checkForm(/^[1-9]\d{0,7}$/, 'a whole number from 1 to 99999999'),
  ErrorEquals: (names: string[], place) => {
    if (names.length === 0) refuse(place, 'no error');
    const unknown = names.find((name) => name.startsWith('States.') && !RESERVED.test(name));
    if (unknown) refuse(place, `${unknown} does not occur here`);
  },
  Next: checkTarget,
  Default: checkTarget,
  StartAt: checkTarget,
  ItemProcessor: (processor, place, { functionArns, variables }) => {
    const inMap = Object.keys(processor.States);
    const around = { functionArns, outer: variables, variables, inMap };
    checkFields('ItemProcessor', processor, place, around);
  },
  ProcessorConfig: (value, place) => {
    if (JSON.stringify(value) === '{"Mode":"INLINE"}') return;
    refuse(place, 'only {"Mode": "INLINE"} is understood');
  },
  States: (states: Record<string, State>, place, around) => {
    const all = Object.values(states);
    const assigning = all.flatMap((one) => [one, ...(one.Choices ?? []), ...(one.Catch ?? [])]);
    const assigned = assigning.flatMap(({ Assign }) => Object.keys(Assign ?? {}));
    for (const [name, state] of Object.entries(states)) {
      const here = inside(place, name);
      const { Type } = state;
      if (name.length > 80) refuse(here, 'a name of more than 80 characters');
      if (!TYPES.includes(Type)) refuse(inside(here, 'Type'), `${Type} is not understood`);
      if (Type === 'Task') checkResource(state, around, here);
      const isLonger = Number(state.HeartbeatSeconds) >= Number(state.TimeoutSeconds);
      if (isLonger) refuse(inside(here, 'HeartbeatSeconds'), 'not shorter than TimeoutSeconds');
      checkFields(Type, state, here, { ...around, variables: [...around.outer, ...assigned] });
    }
  },
};

function checkResource(state: State, { functionArns }: Around, place: Place): void {
  const { Resource, Arguments = {} } = state;
  if (!Object.hasOwn(ARGUMENTS, Resource)) {
    const known = Object.keys(ARGUMENTS).join(', ');
    refuse(inside(place, 'Resource'), `${Resource} is not understood, only ${known}`);
  }
  // What an expression makes of them shows only later.
  if (expressionIn(Arguments) !== undefined) return;
  const [required = '', ...optional] = ARGUMENTS[Resource as Resource].split(' ');
  const at = (name: string) => inside(inside(place, 'Arguments'), name);
  const other = Object.keys(Arguments).find((name) => ![required, ...optional].includes(name));
  if (other) refuse(at(other), 'this argument is not understood');
  if (!(required in Arguments)) refuse(at(required), 'missing');
  const { FunctionName: name } = Arguments;
  if (name === undefined || expressionIn(name) !== undefined) return;
  if (functionArns.includes(String(name).replace(/:\$LATEST$/, ''))) return;
  refuse(at(required), `${JSON.stringify(name)} is not the ARN of a function of the template`);
}
