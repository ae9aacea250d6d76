import type { State, States } from './definition.ts';
import { isMeant, runtimeError, StateError } from './errors.ts';
import type { Branch, Visit } from './execution.ts';
import { Scope } from './scope.ts';
import { attemptTask } from './task.ts';
import {
  conclude,
  enter,
  evaluateField,
  evaluateKind,
  fail,
  keepVariables,
  type Step,
  sleepUntil,
} from './visit.ts';

/** "Inline" iterations at once: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MOST_ITERATIONS = 40;

/** As AWS demands it: https://datatracker.ietf.org/doc/html/rfc3339#section-5.6 with `T` and `Z` in capitals. */
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Runs states from the first to an end.
 * @returns the output
 * @throws StateError, OutOfTime, or the reason of the branch's scope
 */
export async function runStates(branch: Branch, states: States, input: unknown): Promise<unknown> {
  let name: string | undefined = states.StartAt;
  let data = input;
  while (name !== undefined) {
    const state = states.States[name] as State;
    const visit = enter(branch, name, state, data);
    const { output, assigned, next } = await PERFORM[state.Type](visit);
    branch.scope.check();
    keepVariables(visit, assigned);
    const details = { fields: { name }, data: { output }, assigned };
    branch.execution.history.add(branch, `${state.Type}StateExited`, details);
    data = output;
    name = next;
  }
  return data;
}

const pass = (visit: Visit) => conclude(visit, visit.state, {}, visit.input);

const PERFORM: Record<State['Type'], (visit: Visit) => Promise<Step>> = {
  Task: (visit) => attemptAgain(visit, attemptTask),
  Map: (visit) => attemptAgain(visit, runMap),
  Pass: pass,
  Succeed: pass,
  Choice: choose,
  Wait: async (visit) => {
    await sleepUntil(visit.branch, await timeOf(visit));
    return pass(visit);
  },
  Fail: async (visit) => {
    const text = (field: string) =>
      evaluateKind<string>(visit, 'string', field, visit.state[field] ?? '');
    throw new StateError(await text('Error'), await text('Cause'));
  },
};

/**
 * Attempts a Task or a Map as its Retry says, then goes where its Catch says. Each retrier counts for
 * itself, as long as the state is visited.
 */
async function attemptAgain(
  visit: Visit,
  attempt: (visit: Visit) => Promise<unknown>,
): Promise<Step> {
  const { branch, state } = visit;
  const retries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await attempt(visit);
      return await conclude(visit, state, { result }, result);
    } catch (error) {
      if (!(error instanceof StateError) || branch.scope.reason) throw error;
      const means = ({ ErrorEquals }: { ErrorEquals: string[] }) => isMeant(error, ErrorEquals);
      const retrier: Retrier | undefined = state.Retry?.find(means);
      const count = (retrier && retries.get(retrier)) ?? 0;
      if (retrier && count < (retrier.MaxAttempts ?? 3)) {
        retries.set(retrier, count + 1);
        visit.retryCount += 1;
        await sleepUntil(branch, branch.execution.clock.now() + delayMs(retrier, count));
        continue;
      }
      const catcher = state.Catch?.find(means);
      if (!catcher) throw error;
      const errorOutput = { Error: error.error, Cause: error.cause };
      return conclude(visit, catcher, { errorOutput }, errorOutput);
    }
  }
}

type Retrier = {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  BackoffRate?: number;
  MaxAttempts?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
};

function delayMs(retrier: Retrier, count: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity } = retrier;
  const ms = Math.min(IntervalSeconds * BackoffRate ** count, MaxDelaySeconds) * 1000;
  return retrier.JitterStrategy === 'FULL' ? ms * Math.random() : ms;
}

async function choose(visit: Visit): Promise<Step> {
  const { name, state, input, entered } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await evaluateKind<boolean>(visit, 'boolean', field, rule.Condition);
    if (holds) return conclude(visit, rule, {}, input);
  }
  if (state.Default !== undefined) return conclude(visit, state, {}, input, state.Default);
  throw runtimeError(
    `An error occurred while executing the state '${name}' (entered at the event id #${entered}). Failed to transition out of the state. The state does not point to a next state.`,
  );
}

/** When a Wait ends. The fraction of a second of a Timestamp does not count. */
async function timeOf(visit: Visit): Promise<number> {
  const { branch, state } = visit;
  if (state.Seconds !== undefined) {
    const seconds = await evaluateKind<number>(visit, 'integer', 'Seconds');
    return branch.execution.clock.now() + seconds * 1000;
  }
  const time = await evaluateField(visit, 'Timestamp', state.Timestamp);
  if (typeof time === 'string' && TIMESTAMP.test(time)) {
    return Math.floor(Date.parse(time) / 1000) * 1000;
  }
  const what = 'cannot be parsed as an ISO-8601 extended offset date-time format string';
  return fail(visit, 'Timestamp', `The Timestamp field ${what}: ${time}`);
}

/** Runs the processor for each item, each with variables of its own. @returns the outputs, in the items' order */
async function runMap(visit: Visit): Promise<unknown[]> {
  const { branch, name, state } = visit;
  const { history } = branch.execution;
  const scope = new Scope(branch.scope);
  const going = new Map<number, Branch>();
  const outputs: unknown[] = [];

  try {
    const Items = state.Items ?? '{% $states.input %}';
    const items = await evaluateKind<unknown[]>(visit, 'array', 'Items', Items);
    const { MaxConcurrency = 0 } = state;
    const most = await evaluateKind<number>(visit, 'integer', 'MaxConcurrency', MaxConcurrency);
    history.add(branch, 'MapStateStarted', { fields: { length: items.length } });
    const begun = branch.last;
    const queue = items.entries();
    const worker = async () => {
      for (const [index, item] of queue) await iterate(index, item, begun);
    };
    const workers = Math.min(items.length, most || MOST_ITERATIONS);
    await Promise.all(Array.from({ length: workers }, worker));
    history.add(branch, 'MapStateSucceeded');
    return outputs;
  } catch (error) {
    scope.cancel(error as Error);
    if (branch.scope.reason || !(error instanceof StateError)) throw error;
    for (const [index, iteration] of going) tell(iteration, 'Aborted', index);
    history.add(branch, 'MapStateFailed');
    throw error;
  } finally {
    scope.leave();
  }

  async function iterate(index: number, item: unknown, last: number): Promise<void> {
    scope.check();
    const context = { ...branch.context, Map: { Item: { Index: index, Value: item } } };
    const iteration = { ...branch, last, scope, variables: { ...branch.variables }, context };
    const inside = { ...visit, branch: iteration };
    const selected =
      'ItemSelector' in state
        ? await evaluateField(inside, 'ItemSelector', state.ItemSelector)
        : item;
    tell(iteration, 'Started', index);
    going.set(index, iteration);
    try {
      outputs[index] = await runStates(iteration, state.ItemProcessor, selected);
      going.delete(index);
      tell(iteration, 'Succeeded', index);
    } catch (error) {
      if (!scope.reason) {
        going.delete(index);
        tell(iteration, 'Failed', index);
        scope.cancel(error as Error);
      }
      throw error;
    }
  }

  function tell(iteration: Branch, step: string, index: number): void {
    history.add(iteration, `MapIteration${step}`, { fields: { name, index } });
    branch.last = iteration.last;
  }
}
