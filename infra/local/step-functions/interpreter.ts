import type { State, States } from './definition.ts';
import { isMeant, runtimeError, StateError } from './errors.ts';
import {
  type Branch,
  conclude,
  enter,
  evaluateField,
  evaluateKind,
  fail,
  linked,
  type StateRun,
  type Step,
  sleepUntil,
} from './state-run.ts';
import { attemptTask } from './task.ts';

/** "Inline" iterations at once: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MOST_ITERATIONS = 40;

/** As AWS demands it: https://datatracker.ietf.org/doc/html/rfc3339#section-5.6 with `T` and `Z` in capitals. */
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Runs states from the first to an end.
 * @returns the output
 * @throws StateError, OutOfTime, or the reason of the branch's signal
 */
export async function runStates(branch: Branch, states: States, input: unknown): Promise<unknown> {
  let name: string | undefined = states.StartAt;
  let data = input;
  while (name !== undefined) {
    const state = states.States[name] as State;
    const step = await perform(enter(branch, name, state, data));
    branch.signal.throwIfAborted();
    Object.assign(branch.variables, step.assigned);
    const { output, assigned } = step;
    const details = { fields: { name }, data: { output }, assigned };
    branch.history.add(branch, `${state.Type}StateExited`, details);
    data = output;
    name = step.next;
  }
  return data;
}

async function perform(run: StateRun): Promise<Step> {
  const { state, input } = run;
  if (state.Type === 'Task' || state.Type === 'Map') return attemptAgain(run);
  if (state.Type === 'Choice') return choose(run);
  if (state.Type === 'Fail')
    throw new StateError(await text(run, 'Error'), await text(run, 'Cause'));
  if (state.Type === 'Wait') await sleepUntil(run.branch, await timeOf(run));
  return conclude(run, state, {}, input, state.Next);
}

/**
 * Attempts a Task or a Map as its Retry says, then goes where its Catch says. Each retrier counts for
 * itself, as long as the state is visited.
 */
async function attemptAgain(run: StateRun): Promise<Step> {
  const { branch, state } = run;
  const retries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await (state.Type === 'Task' ? attemptTask(run) : runMap(run));
      return await conclude(run, state, { result }, result, state.Next);
    } catch (error) {
      if (!(error instanceof StateError) || branch.signal.aborted) throw error;
      const means = ({ ErrorEquals }: { ErrorEquals: string[] }) => isMeant(error, ErrorEquals);
      const retrier: Retrier | undefined = state.Retry?.find(means);
      const count = (retrier && retries.get(retrier)) ?? 0;
      if (retrier && count < (retrier.MaxAttempts ?? 3)) {
        retries.set(retrier, count + 1);
        run.retryCount += 1;
        await sleepUntil(branch, branch.clock.now() + delayMs(retrier, count));
        continue;
      }
      const catcher = state.Catch?.find(means);
      if (!catcher) throw error;
      const errorOutput = { Error: error.error, Cause: error.cause };
      return conclude(run, catcher, { errorOutput }, errorOutput, catcher.Next);
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

async function choose(run: StateRun): Promise<Step> {
  const { name, state, input, entered } = run;
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await evaluateKind(run, field, rule.Condition, 'boolean');
    if (holds) return conclude(run, rule, {}, input, rule.Next);
  }
  if (state.Default !== undefined) return conclude(run, state, {}, input, state.Default);
  throw runtimeError(
    `An error occurred while executing the state '${name}' (entered at the event id #${entered}). Failed to transition out of the state. The state does not point to a next state.`,
  );
}

async function text(run: StateRun, field: 'Error' | 'Cause'): Promise<string> {
  return (await evaluateKind(run, field, run.state[field] ?? '', 'string')) as string;
}

/** When a Wait ends. The fraction of a second of a Timestamp does not count. */
async function timeOf(run: StateRun): Promise<number> {
  const { branch, state } = run;
  if (state.Seconds !== undefined) {
    const seconds = await evaluateKind(run, 'Seconds', state.Seconds, 'integer');
    return branch.clock.now() + Number(seconds) * 1000;
  }
  const time = await evaluateField(run, 'Timestamp', state.Timestamp);
  if (typeof time === 'string' && TIMESTAMP.test(time)) {
    return Math.floor(Date.parse(time) / 1000) * 1000;
  }
  const what = 'cannot be parsed as an ISO-8601 extended offset date-time format string';
  return fail(run, 'Timestamp', `The Timestamp field ${what}: ${time}`);
}

/** Runs the processor for each item, each with variables of its own. @returns the outputs, in the items' order */
async function runMap(run: StateRun): Promise<unknown[]> {
  const { branch, name, state } = run;
  const { history } = branch;
  const { signal, abort, unlink } = linked(branch.signal);
  const going = new Map<number, Branch>();
  const outputs: unknown[] = [];

  try {
    const Items = state.Items ?? '{% $states.input %}';
    const items = (await evaluateKind(run, 'Items', Items, 'array')) as unknown[];
    const most = await evaluateKind(run, 'MaxConcurrency', state.MaxConcurrency ?? 0, 'integer');
    history.add(branch, 'MapStateStarted', { fields: { length: items.length } });
    const queue = items.entries();
    const worker = async () => {
      for (const [index, item] of queue) await iterate(index, item, begun);
    };
    const begun = branch.last;
    const workers = Math.min(items.length, Number(most) || MOST_ITERATIONS);
    await Promise.all(Array.from({ length: workers }, worker));
    history.add(branch, 'MapStateSucceeded');
    return outputs;
  } catch (error) {
    abort(error);
    if (branch.signal.aborted || !(error instanceof StateError)) throw error;
    for (const [index, iteration] of going) tell(iteration, 'Aborted', index);
    history.add(branch, 'MapStateFailed');
    throw error;
  } finally {
    unlink();
  }

  async function iterate(index: number, item: unknown, last: number): Promise<void> {
    signal.throwIfAborted();
    const variables = { ...branch.variables };
    const context = { ...branch.context, Map: { Item: { Index: index, Value: item } } };
    const iteration: Branch = { ...branch, last, signal, variables, context };
    const selected =
      'ItemSelector' in state
        ? await evaluateField({ ...run, branch: iteration }, 'ItemSelector', state.ItemSelector)
        : item;
    tell(iteration, 'Started', index);
    going.set(index, iteration);
    try {
      outputs[index] = await runStates(iteration, state.ItemProcessor, selected);
      going.delete(index);
      tell(iteration, 'Succeeded', index);
    } catch (error) {
      if (!signal.aborted) {
        going.delete(index);
        tell(iteration, 'Failed', index);
        abort(error);
      }
      throw error;
    }
  }

  function tell(iteration: Branch, step: string, index: number): void {
    history.add(iteration, `MapIteration${step}`, { fields: { name, index } });
    branch.last = iteration.last;
  }
}
