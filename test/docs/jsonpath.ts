import type { Definition, State } from '../../infra/local/step-functions/model.ts';

// biome-ignore lint/suspicious/noExplicitAny: the fields of JSONPath have no common shape
type Fields = Record<string, any>;

/**
 * The same state machine in JSONata, for the little of JSONPath that the documents' examples use.
 * @throws Error for anything else
 */
export function inJsonata({ States, ...machine }: Definition): Definition {
  const states = Object.entries(States).map(([name, state]) => [name, translated(state)]);
  return { QueryLanguage: 'JSONata', ...machine, States: Object.fromEntries(states) } as Definition;
}

const INPUT = '$states.input';

function translated(state: State): State {
  const { InputPath, OutputPath, ResultPath, Parameters, ...rest } = state as Fields;
  const isFunction = state.Resource?.startsWith('arn:aws:lambda:');
  const given = Parameters === undefined ? path(InputPath ?? '$') : template(Parameters);
  const result = isFunction ? '$states.result.Payload' : '$states.result';
  switch (state.Type) {
    case 'Task':
      return {
        ...only(rest, 'Next', 'Retry', 'TimeoutSeconds', 'Type'),
        ...(isFunction
          ? {
              Resource: 'arn:aws:states:::lambda:invoke',
              Arguments: { FunctionName: state.Resource, Payload: `{% ${given} %}` },
            }
          : { Resource: state.Resource, Arguments: `{% ${given} %}` }),
        Output: placed(ResultPath, result),
        ...(state.Catch && {
          Catch: state.Catch.map(({ ResultPath: at, ...catcher }: Fields) => ({
            ...only(catcher, 'Comment', 'ErrorEquals', 'Next'),
            Output: placed(at, '$states.errorOutput'),
          })),
        }),
      } as Fields as State;
    case 'Pass':
      return {
        ...only(rest, 'Next', 'Type'),
        Output: placed(ResultPath ?? '$', given),
      } as Fields as State;
    case 'Choice':
      return {
        ...only(rest, 'Default', 'Type'),
        Choices: state.Choices.map(({ Next, ...rule }: Fields) => ({
          Next,
          Condition: `{% ${condition(rule)} %}`,
        })),
      } as Fields as State;
    case 'Wait':
      return {
        ...only(rest, 'Next', 'Type'),
        Seconds: state.Seconds ?? `{% ${path(state.SecondsPath)} %}`,
      } as Fields as State;
    case 'Succeed':
      return {
        ...only(rest, 'Type'),
        Output: `{% ${path(OutputPath ?? '$')} %}`,
      } as Fields as State;
    default:
      return {
        Type: 'Fail',
        Error: `{% ${path(state.ErrorPath)} %}`,
        Cause: `{% ${path(state.CausePath)} %}`,
      };
  }
}

const NOT_TRANSLATED = ['Comment', 'Resource', 'Catch', 'Choices', 'Seconds', 'SecondsPath'];

/** @throws Error for a field that would be lost */
function only(fields: Fields, ...names: string[]): Fields {
  const known = [...names, ...NOT_TRANSLATED, 'ErrorPath', 'CausePath'];
  const lost = Object.keys(fields).find((name) => !known.includes(name));
  if (lost) throw new Error(`${lost} is not translated`);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** `$.a.b` in the input. */
function path(text: string): string {
  if (!/^\$(\.\w+)*$/.test(text)) throw new Error(`the path ${text} is not translated`);
  return INPUT + text.slice(1);
}

/** A value, where a result path puts it into the input. */
function placed(at: string, value: string): string {
  if (at === '$') return `{% ${value} %}`;
  const [, name] = /^\$\.(\w+)$/.exec(at) ?? [];
  if (!name) throw new Error(`the result path ${at} is not translated`);
  return `{% $merge([${INPUT}, {'${name}': ${value}}]) %}`;
}

/** A payload template as an expression. */
function template(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) =>
    key.endsWith('.$') ? `'${key.slice(0, -2)}': ${dynamic(item)}` : `'${key}': ${template(item)}`,
  );
  return `{${members.join(', ')}}`;
}

/** A path, or one of the two intrinsic functions. */
function dynamic(text: string): string {
  const [, json] = /^States\.StringToJson\((.*)\)$/.exec(text) ?? [];
  if (json !== undefined) return `$parse(${path(json)})`;
  const [, summand, number] = /^States\.MathAdd\((.*), (\d+)\)$/.exec(text) ?? [];
  if (summand !== undefined) return `${path(summand)} + ${number}`;
  return path(text);
}

function condition({ Variable, ...test }: Fields): string {
  const variable = path(Variable);
  const [[name, value] = []] = Object.entries(test);
  if (name === 'StringEquals') return `${variable} = '${value}'`;
  if (name === 'NumericLessThanEquals') return `${variable} <= ${value}`;
  if (name === 'IsPresent' && value === true) return `$exists(${variable})`;
  throw new Error(`the comparison ${name} is not translated`);
}
