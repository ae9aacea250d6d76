import { LOCAL_REGION } from '../lib/account.ts';
import { checkSize, OutOfTime, StateError } from './errors.ts';
import type { Details } from './history.ts';
import { type Integration, RESOURCES } from './integrations.ts';
import { evaluateField, evaluateKind, type StateRun } from './state-run.ts';

/**
 * One attempt of a Task, with its events.
 * @returns the result, as `$states.result`
 * @throws StateError
 */
export async function attemptTask(run: StateRun): Promise<unknown> {
  const integration = RESOURCES[run.state.Resource] as Integration;
  if (!integration.waitsForToken) return attempt(run, integration);
  const heart = { beat: () => {} };
  const { services, context } = run.branch;
  const token = services.tokens.open(context.StateMachine.Id, () => heart.beat());
  try {
    return await attempt(run, integration, { ...token, heart });
  } finally {
    token.close();
  }
}

type Token = { text: string; ended: Promise<unknown>; heart: { beat: () => void } };

async function attempt(run: StateRun, { perform }: Integration, token?: Token): Promise<unknown> {
  const { branch, name, state } = run;
  const { clock, context, deadline, role, services } = branch;
  const [, resourceType = '', resource] = /:::(\w+):(.*)$/.exec(state.Resource) ?? [];
  const parameters = await evaluateField(run, 'Arguments', state.Arguments, { token: token?.text });
  checkSize(parameters, name);
  const timeout = await seconds('TimeoutSeconds');
  const beat = await seconds('HeartbeatSeconds');
  const limits = { timeoutInSeconds: timeout, heartbeatInSeconds: beat };
  tell('Scheduled', { region: LOCAL_REGION, ...limits }, { parameters });

  // The attempt is over by its own end, with its branch, by a time-out, or without a heartbeat.
  const over = new AbortController();
  const signal = AbortSignal.any([branch.signal, over.signal]);
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  signal.addEventListener('abort', () => ended.reject(signal.reason));
  const end = (reason: Error) => () => over.abort(reason);
  const after = (seconds = Infinity) => clock.now() + seconds * 1000;
  const last = after(timeout);
  const takeBack =
    last < deadline
      ? clock.at(last, end(new StateError('States.Timeout', '')))
      : clock.at(deadline, end(new OutOfTime()));
  let takeBeatBack = () => {};
  const onBeat = () => {
    takeBeatBack();
    const silent = new StateError('States.Timeout', '', 'States.HeartbeatTimeout');
    takeBeatBack = clock.at(after(beat), end(silent));
  };
  onBeat();
  if (token) token.heart.beat = onBeat;

  try {
    const work = perform(parameters as object, {
      ...services,
      role,
      executionArn: String(context.Execution.Id),
      stateMachineArn: context.StateMachine.Id,
      started: () => tell('Started'),
      submitted: (output) => tell('Submitted', {}, { output }),
      token: token?.ended ?? Promise.resolve(),
      signal,
    });
    const result = await Promise.race([work, ended.promise]);
    checkSize(result, resourceType);
    tell('Succeeded', {}, { output: result });
    return result;
  } catch (error) {
    if (error instanceof StateError && !branch.signal.aborted) {
      tell(over.signal.aborted ? 'TimedOut' : 'Failed', error.reason);
    }
    throw error;
  } finally {
    takeBack();
    takeBeatBack();
    over.abort();
  }

  function tell(step: string, fields: Details['fields'] = {}, data: Details['data'] = {}): void {
    const details = { fields: { resourceType, resource, ...fields }, data };
    branch.history.add(branch, `Task${step}`, details);
  }

  async function seconds(field: string): Promise<number | undefined> {
    if (state[field] === undefined) return undefined;
    return (await evaluateKind(run, field, state[field], 'integer')) as number;
  }
}
