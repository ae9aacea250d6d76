import type { State } from './definition.ts';
import { checkSize, MAX_VARIABLES_BYTES, OutOfTime, StateError } from './errors.ts';
import type { Branch, Visit } from './execution.ts';
import { EvaluationError, evaluate, expressionIn } from './expressions.ts';

/** What a state came to. `next` is undefined at an end. */
export type Step = {
  output: unknown;
  assigned: Record<string, unknown> | undefined;
  next: string | undefined;
};

/** What `$states` has apart from context and input, and a task's token. */
type Found = { result?: unknown; errorOutput?: unknown; token?: string | undefined };

export function enter(branch: Branch, name: string, state: State, input: unknown): Visit {
  const { clock, history } = branch.execution;
  history.add(branch, `${state.Type}StateEntered`, { fields: { name }, data: { input } });
  const enteredTime = new Date(clock.now()).toISOString();
  return { branch, name, state, input, entered: branch.last, enteredTime, retryCount: 0 };
}

/** The value of a field of the state. @throws StateError States.QueryEvaluationError */
export async function evaluateField(
  visit: Visit,
  field: string,
  template: unknown,
  { token, ...found }: Found = {},
): Promise<unknown> {
  const { branch, name, input, enteredTime, retryCount } = visit;
  const State = { EnteredTime: enteredTime, Name: name, RetryCount: retryCount };
  const context = { ...branch.context, State, ...(token && { Task: { Token: token } }) };
  const states = { context, input, ...found };
  try {
    return await evaluate(template, { ...branch.variables, states }, field);
  } catch (error) {
    if (error instanceof EvaluationError) fail(visit, error.location, error.message);
    throw error;
  }
}

const KINDS = {
  array: Array.isArray,
  boolean: (value: unknown) => typeof value === 'boolean',
  integer: (value: unknown) => Number.isInteger(value) && Number(value) >= 0,
  string: (value: unknown) => typeof value === 'string',
};

/** The same for a field that takes one kind of value. */
export async function evaluateKind<Value>(
  visit: Visit,
  kind: keyof typeof KINDS,
  field: string,
  template: unknown = visit.state[field],
): Promise<Value> {
  const value = await evaluateField(visit, field, template);
  if (KINDS[kind](value)) return value as Value;
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const what = `Expected '${kind}', but was '${type}' for value: ${JSON.stringify(value)}`;
  const expression = `The JSONata expression '${expressionIn(template)}' specified for the field '${field}'`;
  return fail(visit, field, `${expression} returned an unexpected result type. ${what}`);
}

/** @throws StateError States.QueryEvaluationError, of which the history has an event of its own */
export function fail({ branch, name, entered }: Visit, location: string, what: string): never {
  const error = 'States.QueryEvaluationError';
  const cause = `An error occurred while executing the state '${name}' (entered at the event id #${entered}). ${what}`;
  const fields = { cause, error, location, state: name };
  branch.execution.history.add(branch, 'EvaluationFailed', { fields });
  throw new StateError(error, cause);
}

/** The output and the variables that a state, a rule or a catcher leads to; both see the variables as they were. */
export async function conclude(
  visit: Visit,
  fields: Record<string, unknown>,
  found: Found,
  otherwise: unknown,
  next: unknown = fields.Next,
): Promise<Step> {
  const { Output, Assign } = fields;
  const output =
    'Output' in fields ? await evaluateField(visit, 'Output', Output, found) : otherwise;
  const assigned = Assign && (await evaluateField(visit, 'Assign', Assign, found));
  checkSize(output, visit.name);
  checkSize(assigned, visit.name);
  return { output, assigned, next } as Step;
}

/** @throws StateError States.DataLimitExceeded for more variables than an execution may have */
export function keepVariables({ branch, name }: Visit, assigned: Step['assigned']): void {
  if (!assigned) return;
  Object.assign(branch.variables, assigned);
  checkSize(branch.variables, name, MAX_VARIABLES_BYTES);
}

/**
 * Waits until a time, and no longer than the execution may last.
 * @throws OutOfTime, and the scope's reason when it is called off
 */
export async function sleepUntil({ execution, scope }: Branch, time: number): Promise<void> {
  scope.check();
  const { clock, deadline } = execution;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onTime = () => (time < deadline ? resolve() : reject(new OutOfTime()));
  const takeBack = [clock.at(Math.min(time, deadline), onTime), scope.onCancel(reject)];
  await promise.finally(() => takeBack.map((undo) => undo()));
}
