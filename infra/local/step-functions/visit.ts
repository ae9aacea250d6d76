import { checkSize, StateError } from './errors.ts';
import { evaluate, expressionIn } from './expressions.ts';
import type { Branch, State } from './model.ts';

/** One visit to a state. */
export type Visit = {
  branch: Branch;
  name: string;
  state: State;
  input: unknown;
  /** The id of the event. */
  entered: number;
  enteredTime: string;
  retryCount: number;
};

/** What a state came to. `next` is undefined at an end. */
export type Step = { output: unknown; assigned?: Record<string, unknown>; next?: string };

const KINDS = {
  any: () => true,
  array: Array.isArray,
  boolean: (value: unknown) => typeof value === 'boolean',
  integer: (value: unknown) => Number.isInteger(value) && Number(value) >= 0,
  string: (value: unknown) => typeof value === 'string',
};

/** What `$states` has apart from context and input, and a task's token. */
type Found = { result?: unknown; errorOutput?: unknown; token?: string | undefined };

/** The value of a field of the state. @throws StateError States.QueryEvaluationError */
export async function fieldOf<Value = unknown>(
  visit: Visit,
  field: string,
  template: unknown = visit.state[field],
  kind: keyof typeof KINDS = 'any',
  { token, ...found }: Found = {},
): Promise<Value> {
  const { branch, name, input, enteredTime, retryCount } = visit;
  const State = { EnteredTime: enteredTime, Name: name, RetryCount: retryCount };
  const context = { ...branch.context, State, ...(token && { Task: { Token: token } }) };
  const value = await evaluate(template, field, {
    bindings: { ...branch.variables, states: { context, input, ...found } },
    fail: (location, what) => fail(visit, location, what),
  });
  if (KINDS[kind](value)) return value as Value;
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const expression = `The JSONata expression '${expressionIn(template)}' specified for the field '${field}'`;
  const what = `Expected '${kind}', but was '${type}' for value: ${JSON.stringify(value)}`;
  return fail(visit, field, `${expression} returned an unexpected result type. ${what}`);
}

/** As AWS begins the cause of an error of its own. */
export const during = ({ name, entered }: Visit): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${entered}).`;

/** @throws StateError States.QueryEvaluationError, of which the history has an event of its own */
export function fail(visit: Visit, location: string, what: string): never {
  const { branch, name: state } = visit;
  const reason = { error: 'States.QueryEvaluationError', cause: `${during(visit)} ${what}` };
  branch.execution.tell(branch, 'EvaluationFailed', { fields: { ...reason, location, state } });
  throw new StateError(reason.error, reason.cause);
}

/** Where a state, a rule or a catcher leads to, with what; both fields see the variables as they were. */
export async function conclude(
  visit: Visit,
  { Output, Assign, Next, ...others }: Record<string, unknown>,
  found: Found,
  otherwise: unknown,
): Promise<Step> {
  const output =
    Output === undefined ? otherwise : await fieldOf(visit, 'Output', Output, 'any', found);
  const assigned = Assign && (await fieldOf(visit, 'Assign', Assign, 'any', found));
  checkSize(output, visit.name);
  checkSize(assigned, visit.name);
  return { output, assigned, next: Next ?? others.Default } as Step;
}

/**
 * A part of a branch, which ends with it or before. Whoever is ready with it ends it, so that nothing is kept.
 * @throws the branch's reason, if it is over
 */
export function within({ execution, signal }: Branch) {
  signal.throwIfAborted();
  const own = new AbortController();
  const alarms = new Set<() => void>();
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => {}); // it may end while nobody looks at it
  signal.addEventListener('abort', () => own.abort(signal.reason), { signal: own.signal });
  own.signal.addEventListener('abort', () => {
    for (const unset of alarms) unset();
    reject(own.signal.reason);
  });
  /** Calls `ring` at a time. @returns what takes it back */
  const at = (time: number, ring: () => void): (() => void) => {
    const unset = execution.at(time, (late) => (late ? own.abort(late) : ring()));
    alarms.add(unset);
    return () => alarms.delete(unset) && unset();
  };
  return { signal: own.signal, over, at, end: (reason?: unknown) => own.abort(reason) };
}

/** Waits until a time, and no longer than the execution may last. @throws OutOfTime, the branch's reason */
export async function sleep(branch: Branch, time: number): Promise<void> {
  const own = within(branch);
  const awake = new Promise<void>((resolve) => own.at(time, resolve));
  await Promise.race([awake, own.over]).finally(own.end);
}
