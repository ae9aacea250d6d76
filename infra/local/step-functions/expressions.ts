import jsonata, { type Expression, type ExprNode } from 'jsonata';
import { addFunctions } from './functions.ts';

/** What an expression may refer to: `states`, and the variables by their names. */
export type Bindings = { states: Record<string, unknown> } & Record<string, unknown>;

/** An expression that did not give what its field needs. */
export class EvaluationError extends Error {
  /** The field, as in `Output/result`. */
  readonly location: string;

  constructor(location: string, what: string) {
    super(what);
    this.location = location;
  }
}

/** An expression that loops would otherwise hold up the whole run. In milliseconds, and in nested calls. */
const LIMITS = { timeout: 10_000, stack: 500 };

const compiled = new Map<string, Expression>();

/** @throws Error, in JSONata's words, for what is not JSONata */
function compile(text: string): Expression {
  const known = compiled.get(text);
  if (known) return known;
  const expression = jsonata(text, LIMITS);
  addFunctions(expression);
  compiled.set(text, expression);
  return expression;
}

/** The text between `{%` and `%}`; undefined for a string that is itself. */
export function expressionIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^\{%(.*)%\}$/s.exec(value)?.[1]?.trim();
}

/**
 * The value of a field: every string in it that is an expression is evaluated.
 * @param location the field's name
 * @throws EvaluationError
 */
export async function evaluate(
  template: unknown,
  bindings: Bindings,
  location: string,
): Promise<unknown> {
  const text = expressionIn(template);
  if (text !== undefined) return evaluateText(text, bindings, location);
  if (typeof template !== 'object' || template === null) return template;
  const entries = await Promise.all(
    Object.entries(template).map(async ([key, value]) => [
      key,
      await evaluate(value, bindings, `${location}/${key}`),
    ]),
  );
  return Array.isArray(template) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

async function evaluateText(text: string, bindings: Bindings, location: string): Promise<unknown> {
  const fail = (what: string): never => {
    throw new EvaluationError(
      location,
      `The JSONata expression '${text}' specified for the field '${location}' ${what}`,
    );
  };
  let value: unknown;
  try {
    value = await compile(text).evaluate(undefined, bindings);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return fail(`threw an error during evaluation. ${code ? `${code}: ` : ''}${message}`);
  }
  if (value === undefined) return fail('returned nothing (undefined).');
  if (typeof value === 'function' || isLambda(value)) {
    return fail('returned an unsupported result type.');
  }
  // A copy: states share no data, and JSONata marks its lists.
  return JSON.parse(JSON.stringify(value));
}

function isLambda(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && /^_jsonata_/.test(Object.keys(value)[0] ?? '')
  );
}

/**
 * What AWS refuses in an expression when the state machine is created: `$eval`, and a reference to the
 * input without `$states.input`, which has no value at the top of an expression.
 * @param available what `$states` has in this field apart from `context` and `input`
 * @returns a sentence about the first of them
 */
export function problemOf(text: string, available: readonly string[]): string | undefined {
  const known = ['context', 'input', ...available];
  try {
    return find(compile(text).ast(), true);
  } catch (error) {
    return `not JSONata: ${(error as Error).message}`;
  }

  function find(node: unknown, isTop: boolean): string | undefined {
    if (typeof node !== 'object' || node === null || node instanceof RegExp) return undefined;
    if (Array.isArray(node)) return first(node, isTop);
    const { type, value, steps, stages, predicate, group, ...others } = node as ExprNode & {
      predicate?: unknown;
      group?: unknown;
    };
    if (type === 'variable' && value === 'eval') return '$eval is not understood: use $parse';
    if (isTop && type === 'variable' && (value === '' || value === '$')) {
      return `$${value} has no value here: use $states.input`;
    }
    if (isTop && ['descendant', 'name', 'parent', 'wildcard'].includes(type)) {
      return `${value ?? type} has no value here: use $states.input`;
    }
    const [head, next, ...rest] = steps ?? [];
    if (head?.value === 'states' && next?.type === 'name' && !known.includes(next.value)) {
      return `$states.${next.value} has no value in this field`;
    }
    // The further steps of a path, and its filters, have a context of their own.
    return (
      find(head, isTop) ??
      first([next, ...rest, stages, predicate, group], false) ??
      first(Object.values(others), isTop && (type as string) !== 'transform')
    );
  }

  function first(nodes: unknown[], isTop: boolean): string | undefined {
    for (const node of nodes) {
      const found = find(node, isTop);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
