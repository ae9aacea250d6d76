import type { Principal } from '../lib/principal.ts';
import type { Clock } from './clock.ts';
import type { State } from './definition.ts';
import { checkSize, OutOfTime, StateError } from './errors.ts';
import { EvaluationError, evaluate, expressionIn } from './expressions.ts';
import type { History, Thread } from './history.ts';
import type { Services } from './integrations.ts';

/** A run through states: an execution, or one iteration of a Map in it. */
export type Branch = Thread & {
  clock: Clock;
  /** When the execution's own time is over. */
  deadline: number;
  /** Aborted when the branch is not wanted any more. */
  signal: AbortSignal;
  history: History;
  services: Services;
  role: Principal;
  /** `$states.context`, as far as it is the same for each state. */
  context: {
    Execution: Record<string, unknown>;
    StateMachine: { Id: string; Name: string };
    Map?: object;
  };
  /** Those of the states around it too, as they were when it began. */
  variables: Record<string, unknown>;
};

/** One visit to a state. */
export type StateRun = {
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
export type Step = {
  output: unknown;
  assigned: Record<string, unknown> | undefined;
  next: string | undefined;
};

export function enter(branch: Branch, name: string, state: State, input: unknown): StateRun {
  const { clock, history } = branch;
  history.add(branch, `${state.Type}StateEntered`, { fields: { name }, data: { input } });
  const enteredTime = new Date(clock.now()).toISOString();
  return { branch, name, state, input, entered: branch.last, enteredTime, retryCount: 0 };
}

/** What `$states` has apart from context and input, and a task's token. */
type Found = { result?: unknown; errorOutput?: unknown; token?: string | undefined };

/** The value of a field of the state. @throws StateError States.QueryEvaluationError */
export async function evaluateField(
  run: StateRun,
  field: string,
  template: unknown,
  { token, ...found }: Found = {},
): Promise<unknown> {
  const { branch, name, input, enteredTime, retryCount } = run;
  const State = { EnteredTime: enteredTime, Name: name, RetryCount: retryCount };
  const context = { ...branch.context, State, ...(token && { Task: { Token: token } }) };
  const states = { context, input, ...found };
  try {
    return await evaluate(template, { ...branch.variables, states }, field);
  } catch (error) {
    if (error instanceof EvaluationError) fail(run, error.location, error.message);
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
export async function evaluateKind(
  run: StateRun,
  field: string,
  template: unknown,
  kind: keyof typeof KINDS,
) {
  const value = await evaluateField(run, field, template);
  if (KINDS[kind](value)) return value;
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const what = `Expected '${kind}', but was '${type}' for value: ${JSON.stringify(value)}`;
  const expression = `The JSONata expression '${expressionIn(template)}' specified for the field '${field}'`;
  return fail(run, field, `${expression} returned an unexpected result type. ${what}`);
}

/** @throws StateError States.QueryEvaluationError, of which the history has an event of its own */
export function fail({ branch, name, entered }: StateRun, location: string, what: string): never {
  const error = 'States.QueryEvaluationError';
  const cause = `An error occurred while executing the state '${name}' (entered at the event id #${entered}). ${what}`;
  const fields = { cause, error, location, state: name };
  branch.history.add(branch, 'EvaluationFailed', { fields });
  throw new StateError(error, cause);
}

/** The output and the variables that a state, a rule or a catcher leads to; both see the variables as they were. */
export async function conclude(
  run: StateRun,
  fields: Record<string, unknown>,
  found: Found,
  otherwise: unknown,
  next: string | undefined,
): Promise<Step> {
  const { Output, Assign } = fields;
  const output = 'Output' in fields ? await evaluateField(run, 'Output', Output, found) : otherwise;
  const assigned = Assign && (await evaluateField(run, 'Assign', Assign, found));
  checkSize(output, run.name);
  checkSize(assigned, run.name);
  return { output, assigned: assigned as Step['assigned'], next };
}

/**
 * Waits until a time, and no longer than the execution may last.
 * @throws OutOfTime, and the branch's reason when it is aborted
 */
export function sleepUntil({ clock, deadline, signal }: Branch, time: number): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onTime = () => (time < deadline ? resolve() : reject(new OutOfTime()));
  const takeBack = clock.at(Math.min(time, deadline), onTime);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  return promise.finally(() => {
    takeBack();
    signal.removeEventListener('abort', onAbort);
  });
}

/**
 * A signal that is aborted with another one, or for a reason of its own. `AbortSignal.any` would keep 3 KB
 * of each for as long as the other one lives.
 * @throws the reason of the other one, if it is aborted already
 */
export function linked(outer: AbortSignal) {
  outer.throwIfAborted();
  const own = new AbortController();
  const onAbort = () => own.abort(outer.reason);
  outer.addEventListener('abort', onAbort);
  return {
    signal: own.signal,
    abort: (reason: unknown) => own.abort(reason),
    unlink: () => outer.removeEventListener('abort', onAbort),
  };
}
