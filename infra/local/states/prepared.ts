import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { type ChoiceRule, preparedRule } from './choice-rules.ts';
import type { Definition, State } from './definition.ts';
import { STRING_TO_JSON } from './paths.ts';
import { LAMBDA_INVOKE } from './task-fields.ts';
import { MAX_TIMER_MS } from './time.ts';

/** What a state does that the interpreter asks its host to do. */
export type Work =
  | {
      does: 'call';
      functionArn: string;
      /** By the service integration, whose answer is the function's with its circumstances? */
      integrated: boolean;
      /** The payload out of what the interpreter makes of the state's input. */
      payloadOf: (input: unknown) => unknown;
      timeoutSeconds?: number;
    }
  | { does: 'wait' }
  /** Parses the JSON text at these places, each a list of keys. */
  | { does: 'parse'; places: string[][] };

/** A definition as the interpreter gets it. */
export type Prepared = { definition: StateMachineDefinition; works: Record<string, Work> };

/** Otherwise the interpreter ends a task after a minute, also one that still waits for its turn. */
const NO_TIMEOUT = { TimeoutSeconds: Math.floor(MAX_TIMER_MS / 1000) };

/**
 * Rewrites what the interpreter (aws-local-stepfunctions 3) does otherwise than AWS and we can do
 * ourselves. A state that we do becomes a task, whose input is what we need of the state's:
 * - Wait: a time more than 24 days ahead would be over at once.
 * - States.StringToJson: it takes backslashes out of a string, and fails under the name SyntaxError.
 * - The time-outs, of tasks and of the whole, so that they end what waits for its turn.
 */
export function prepare({ StartAt, States }: Definition): Prepared {
  const works: Prepared['works'] = {};
  const states = Object.entries(States).map(([name, state]) => {
    const [prepared, work] = prepareState(state);
    if (work) works[name] = work;
    return [name, withoutWholePaths(prepared)];
  });
  const definition = { StartAt, States: Object.fromEntries(states) };
  return { definition: definition as StateMachineDefinition, works };
}

/** `$` is the default of these paths. As a result path it would be the name of a field, and else not find a null. */
function withoutWholePaths<Fields extends object>(fields: Fields): Partial<Fields> {
  const paths = ['InputPath', 'OutputPath', 'ResultPath'];
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== '$' || !paths.includes(name)),
  ) as Partial<Fields>;
}

function prepareState(state: State): [prepared: Record<string, unknown>, work?: Work] {
  switch (state.Type) {
    case 'Task':
      return prepareTask(state);
    case 'Wait':
      return prepareWait(state);
    case 'Pass':
      return preparePass(state);
    case 'Choice':
      return [{ ...state, Choices: state.Choices.map((rule: ChoiceRule) => preparedRule(rule)) }];
    case 'Fail':
      // It has texts of its own for what is left out.
      return [
        {
          ...state,
          ...(state.ErrorPath === undefined && { Error: state.Error ?? '' }),
          ...(state.CausePath === undefined && { Cause: state.Cause ?? '' }),
        },
      ];
    default:
      return [{ ...state }];
  }
}

function prepareTask(state: State): [Record<string, unknown>, Work] {
  const { Parameters, TimeoutSeconds, Catch, ...rest } = state;
  const integrated = state.Resource === LAMBDA_INVOKE;
  const { FunctionName, ...payload } = integrated ? Parameters : {};
  // The whole input is what there is without Parameters; by its path, a null would not be found.
  const isWhole = payload['Payload.$'] === '$';
  const template = integrated && !isWhole ? payload : !integrated && Parameters;
  const work: Work = {
    does: 'call',
    functionArn: integrated ? FunctionName : state.Resource,
    integrated,
    payloadOf: (input) => (integrated && !isWhole ? (input as typeof payload).Payload : input),
    ...(TimeoutSeconds !== undefined && { timeoutSeconds: TimeoutSeconds }),
  };
  const prepared = {
    ...rest,
    ...NO_TIMEOUT,
    ...(template && { Parameters: template }),
    ...(Catch && { Catch: Catch.map(withoutWholePaths) }),
  };
  return [prepared, work];
}

function prepareWait(state: State): [Record<string, unknown>, Work] {
  const { Type: _, Seconds, SecondsPath, Timestamp, TimestampPath, ...rest } = state;
  const Parameters = {
    ...(Seconds !== undefined && { seconds: Seconds }),
    ...(SecondsPath !== undefined && { 'seconds.$': SecondsPath }),
    ...(Timestamp !== undefined && { timestamp: Timestamp }),
    ...(TimestampPath !== undefined && { 'timestamp.$': TimestampPath }),
  };
  const prepared = { ...rest, ...NO_TIMEOUT, Type: 'Task', Parameters, ResultPath: null };
  return [prepared, { does: 'wait' }];
}

function preparePass(state: State): [Record<string, unknown>, Work?] {
  const places: string[][] = [];
  const Parameters = withoutFunctions(state.Parameters, [], places);
  if (places.length === 0) return [{ ...state }];
  return [
    { ...state, ...NO_TIMEOUT, Type: 'Task', Parameters },
    { does: 'parse', places },
  ];
}

/** The template with the argument in place of each States.StringToJson, whose places are added to `places`. */
function withoutFunctions(template: unknown, at: string[], places: string[][]): unknown {
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) {
    return template.map((item, index) => withoutFunctions(item, [...at, String(index)], places));
  }
  const entries = Object.entries(template).map(([key, value]) => {
    const [, argument] = (key.endsWith('.$') && STRING_TO_JSON.exec(value)) || [];
    if (argument === undefined) return [key, withoutFunctions(value, [...at, key], places)];
    places.push([...at, key.slice(0, -'.$'.length)]);
    return [key, argument];
  });
  return Object.fromEntries(entries);
}
