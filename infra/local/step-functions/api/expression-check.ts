import type { ExprNode } from 'jsonata';
import { inside, type Place } from '../../lib/not-understood.ts';
import { compile, expressionIn } from '../expressions.ts';

/**
 * What AWS refuses in an expression when the state machine is created: `$eval`, and a reference to the
 * input without `$states.input`, which has no value at the top of an expression.
 * @param available what `$states` has in this field apart from `context` and `input`
 * @param refuse throws for the first expression with a problem
 */
export function checkExpressions(
  value: unknown,
  available: readonly string[],
  place: Place,
  refuse: (place: Place, what: string) => never,
): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkExpressions(item, available, inside(place, key), refuse);
    }
  }
  if (typeof value !== 'string' || !/^\{%|%\}$/.test(value)) return;
  const text = expressionIn(value);
  if (text === undefined) refuse(place, 'an expression begins with {% and ends with %}');
  const problem = problemOf(text, ['context', 'input', ...available]);
  if (problem !== undefined) refuse(place, problem);
}

function problemOf(text: string, known: readonly string[]): string | undefined {
  try {
    return problems(compile(text).ast(), true, known).next().value;
  } catch (error) {
    return `not JSONata: ${(error as Error).message}`;
  }
}

/** Of a node, or a list of them; `isTop` where `$` has no value. */
function* problems(
  node: unknown,
  isTop: boolean,
  known: readonly string[],
): Generator<string, undefined> {
  if (typeof node !== 'object' || node === null || node instanceof RegExp) return;
  const {
    type,
    value,
    steps = [],
    stages,
    predicate,
    group,
    ...others
  } = node as ExprNode & {
    predicate?: unknown;
    group?: unknown;
  };
  if (type === 'variable' && value === 'eval') yield '$eval is not understood: use $parse';
  if (isTop && type === 'variable' && ['', '$'].includes(value)) {
    yield `$${value} has no value here: use $states.input`;
  }
  if (isTop && ['descendant', 'name', 'parent', 'wildcard'].includes(type)) {
    yield `${value ?? type} has no value here: use $states.input`;
  }
  const [head, next, ...rest] = steps;
  if (head?.value === 'states' && next?.type === 'name' && !known.includes(next.value)) {
    yield `$states.${next.value} has no value in this field`;
  }
  yield* problems(head, isTop, known);
  // The further steps of a path, and its filters, have a context of their own.
  for (const inner of [next, ...rest, stages, predicate, group])
    yield* problems(inner, false, known);
  const isInside = isTop && (type as string) !== 'transform';
  for (const inner of Object.values(others)) yield* problems(inner, isInside, known);
}
