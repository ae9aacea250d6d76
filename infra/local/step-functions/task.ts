import { LOCAL_REGION } from '../lib/account.ts';
import { checkSize, OutOfTime, StateError } from './errors.ts';
import type { Details } from './history.ts';
import { type Integration, RESOURCES } from './integrations.ts';
import { evaluateField, evaluateKind, linked, type StateRun } from './state-run.ts';

/**
 * One attempt of a Task, with its events.
 * @returns the result, as `$states.result`
 * @throws StateError
 */
export async function attemptTask(run: StateRun): Promise<unknown> {
  const { branch, name, state } = run;
  const { clock, context, deadline, role, services } = branch;
  const [, resourceType = '', resource] = /:::(\w+):(.*)$/.exec(state.Resource) ?? [];
  const { perform, waitsForToken } = RESOURCES[state.Resource] as Integration;
  // It is over by its own end, with its branch, by a time-out, or without a heartbeat.
  const { signal, abort, unlink } = linked(branch.signal);
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  over.catch(() => {});
  const stateMachineArn = context.StateMachine.Id;
  let beat = () => {};
  const token = waitsForToken && services.tokens.open(stateMachineArn, () => beat());
  const toTakeBack = [unlink];
  let isScheduled = false;

  try {
    const found = token ? { token: token.text } : {};
    const parameters = await evaluateField(run, 'Arguments', state.Arguments, found);
    checkSize(parameters, name);
    const timeoutInSeconds = await seconds('TimeoutSeconds');
    const heartbeatInSeconds = await seconds('HeartbeatSeconds');
    const limits = { region: LOCAL_REGION, timeoutInSeconds, heartbeatInSeconds };
    tell('Scheduled', limits, { parameters });
    isScheduled = true;
    const last = after(timeoutInSeconds);
    const timedOut = last < deadline ? new StateError('States.Timeout', '') : new OutOfTime();
    toTakeBack.push(clock.at(Math.min(last, deadline), () => abort(timedOut)));
    const silent = new StateError('States.Timeout', '', 'States.HeartbeatTimeout');
    let unsetBeat = () => {};
    beat = () => {
      unsetBeat();
      unsetBeat = clock.at(after(heartbeatInSeconds), () => abort(silent));
    };
    beat();
    toTakeBack.push(() => unsetBeat());
    const work = perform(parameters as object, {
      ...services,
      role,
      executionArn: String(context.Execution.Id),
      stateMachineArn,
      started: () => tell('Started'),
      submitted: (output) => tell('Submitted', {}, { output }),
      token: token ? token.ended : Promise.resolve(),
      signal,
    });
    const result = await Promise.race([work, over]);
    checkSize(result, resourceType);
    tell('Succeeded', {}, { output: result });
    return result;
  } catch (error) {
    if (isScheduled && error instanceof StateError && !branch.signal.aborted) {
      tell(signal.aborted ? 'TimedOut' : 'Failed', error.reason);
    }
    throw error;
  } finally {
    for (const takeBack of toTakeBack) takeBack();
    if (token) token.close();
  }

  function tell(step: string, fields: Details['fields'] = {}, data?: Details['data']): void {
    const details = { fields: { resourceType, resource, ...fields }, ...(data && { data }) };
    branch.history.add(branch, `Task${step}`, details);
  }

  function after(seconds = Infinity): number {
    return clock.now() + seconds * 1000;
  }

  async function seconds(field: string): Promise<number | undefined> {
    if (state[field] === undefined) return undefined;
    return (await evaluateKind(run, field, state[field], 'integer')) as number;
  }
}
