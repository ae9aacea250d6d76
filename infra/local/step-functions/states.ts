import { checkSize, MAX_VARIABLES_BYTES, StateError } from './errors.ts';
import type { Branch, State, States } from './model.ts';
import { attemptTask } from './task.ts';
import { conclude, during, fail, fieldOf, type Step, sleep, type Visit, within } from './visit.ts';

/** "Inline" iterations at once: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MOST_ITERATIONS = 40;

/** As AWS demands it: https://datatracker.ietf.org/doc/html/rfc3339#section-5.6 with `T` and `Z` in capitals. */
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Runs states from the first to an end.
 * @returns the output
 * @throws StateError, OutOfTime, or the reason of the branch's end
 */
export async function runStates(branch: Branch, states: States, data: unknown): Promise<unknown> {
  const { tell, now } = branch.execution;
  let input = data;
  for (let name: string | undefined = states.StartAt; name !== undefined; ) {
    const state = states.States[name] as State;
    tell(branch, `${state.Type}StateEntered`, { fields: { name }, data: { input } });
    const enteredTime = new Date(now()).toISOString();
    const visit = { branch, name, state, input, entered: branch.last, enteredTime, retryCount: 0 };
    const { output, assigned, next }: Step = await PERFORM[state.Type](visit);
    branch.signal.throwIfAborted();
    Object.assign(branch.variables, assigned);
    if (assigned) checkSize(branch.variables, name, MAX_VARIABLES_BYTES);
    tell(branch, `${state.Type}StateExited`, { fields: { name }, data: { output }, assigned });
    input = output;
    name = next;
  }
  return input;
}

const pass = (visit: Visit) => conclude(visit, visit.state, {}, visit.input);

const PERFORM: Record<State['Type'], (visit: Visit) => Promise<Step>> = {
  Task: (visit) => attempt(visit, attemptTask),
  Map: (visit) => attempt(visit, runMap),
  Pass: pass,
  Succeed: pass,
  Choice: choose,
  Wait: async (visit) => {
    await sleep(visit.branch, await timeOf(visit));
    return pass(visit);
  },
  Fail: async (visit) => {
    const { Error: name = '', Cause = '' } = visit.state;
    const error = await fieldOf<string>(visit, 'Error', name, 'string');
    throw new StateError(error, await fieldOf<string>(visit, 'Cause', Cause, 'string'));
  },
};

/**
 * Attempts a Task or a Map as its Retry says, then goes where its Catch says. Each retrier counts for
 * itself, as long as the state is visited.
 */
async function attempt(visit: Visit, run: (visit: Visit) => Promise<unknown>): Promise<Step> {
  const { branch, state } = visit;
  const retries = new Map<object, number>();
  for (;;) {
    try {
      const result = await run(visit);
      return await conclude(visit, state, { result }, result);
    } catch (error) {
      if (!(error instanceof StateError) || branch.signal.aborted) throw error;
      const means = ({ ErrorEquals }: { ErrorEquals: string[] }) => error.isOneOf(ErrorEquals);
      const retrier = state.Retry?.find(means);
      const count = retries.get(retrier) ?? 0;
      if (retrier && count < (retrier.MaxAttempts ?? 3)) {
        retries.set(retrier, count + 1);
        visit.retryCount += 1;
        await sleep(branch, branch.execution.now() + delayMs(retrier, count));
        continue;
      }
      const catcher = state.Catch?.find(means);
      if (!catcher) throw error;
      const errorOutput = { Error: error.error, Cause: error.cause };
      return conclude(visit, catcher, { errorOutput }, errorOutput);
    }
  }
}

function delayMs(retrier: State['Retry'][number], count: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** count, MaxDelaySeconds);
  return seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? Math.random() : 1);
}

async function choose(visit: Visit): Promise<Step> {
  const { state, input } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await fieldOf(visit, field, rule.Condition, 'boolean');
    if (holds) return conclude(visit, rule, {}, input);
  }
  if (state.Default !== undefined) return pass(visit);
  const what = 'Failed to transition out of the state. The state does not point to a next state.';
  throw new StateError('States.Runtime', `${during(visit)} ${what}`);
}

/** When a Wait ends. The fraction of a second of a Timestamp does not count. */
async function timeOf(visit: Visit): Promise<number> {
  if (visit.state.Seconds !== undefined) {
    const seconds = await fieldOf<number>(visit, 'Seconds', undefined, 'integer');
    return visit.branch.execution.now() + seconds * 1000;
  }
  const time = await fieldOf<string>(visit, 'Timestamp', undefined, 'string');
  if (TIMESTAMP.test(time)) return Math.floor(Date.parse(time) / 1000) * 1000;
  const what = 'cannot be parsed as an ISO-8601 extended offset date-time format string';
  return fail(visit, 'Timestamp', `The Timestamp field ${what}: ${time}`);
}

/** Runs the processor for each item, each with variables of its own. @returns the outputs, in the items' order */
async function runMap(visit: Visit): Promise<unknown[]> {
  const { branch, name, state } = visit;
  const { tell } = branch.execution;
  const { Items = '{% $states.input %}', MaxConcurrency = 0 } = state;
  const items = await fieldOf<unknown[]>(visit, 'Items', Items, 'array');
  const most = await fieldOf<number>(visit, 'MaxConcurrency', MaxConcurrency, 'integer');
  const own = within(branch);
  const going = new Map<number, Branch>();
  const outputs: unknown[] = [];
  tell(branch, 'MapStateStarted', { fields: { length: items.length } });
  const { last } = branch;
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) await iterate(index, item);
  };

  try {
    const workers = Math.min(items.length, most || MOST_ITERATIONS, MOST_ITERATIONS);
    await Promise.all(Array.from({ length: workers }, worker));
    tell(branch, 'MapStateSucceeded');
    return outputs;
  } catch (error) {
    if (branch.signal.aborted || !(error instanceof StateError)) throw error;
    own.end(error);
    for (const index of going.keys()) note(index, 'Aborted');
    tell(branch, 'MapStateFailed');
    throw error;
  } finally {
    own.end();
  }

  async function iterate(index: number, item: unknown): Promise<void> {
    own.signal.throwIfAborted();
    const context = { ...branch.context, Map: { Item: { Index: index, Value: item } } };
    const variables = { ...branch.variables };
    const iteration = { ...branch, signal: own.signal, last, variables, context };
    const inside = { ...visit, branch: iteration };
    const selected = 'ItemSelector' in state ? await fieldOf(inside, 'ItemSelector') : item;
    going.set(index, iteration);
    note(index, 'Started');
    try {
      outputs[index] = await runStates(iteration, state.ItemProcessor, selected);
      note(index, 'Succeeded');
    } catch (error) {
      if (!own.signal.aborted) note(index, 'Failed');
      own.end(error);
      throw error;
    }
  }

  function note(index: number, step: string): void {
    const iteration = going.get(index) as Branch;
    tell(iteration, `MapIteration${step}`, { fields: { name, index } });
    branch.last = iteration.last;
    if (step !== 'Started') going.delete(index);
  }
}
