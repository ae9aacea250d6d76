import { randomBytes } from 'node:crypto';
import { LOCAL_REGION } from '../lib/account.ts';
import { checkSize, OutOfTime, StateError } from './errors.ts';
import type { Visit } from './execution.ts';
import type { Details } from './history.ts';
import { type Integration, RESOURCES } from './integrations.ts';
import { Scope } from './scope.ts';
import { evaluateField, evaluateKind } from './visit.ts';

/**
 * One attempt of a Task, with its events.
 * @returns the result, as `$states.result`
 * @throws StateError
 */
export async function attemptTask(visit: Visit): Promise<unknown> {
  const { branch, name, state } = visit;
  const { execution } = branch;
  const { clock, deadline, history, machine, services } = execution;
  const [, resourceType = '', resource] = /:::(\w+):(.*)$/.exec(state.Resource) ?? [];
  const { perform, waitsForToken } = RESOURCES[state.Resource] as Integration;
  // It is over by its own end, with its branch, by a time-out, or without a heartbeat.
  const scope = new Scope(branch.scope);
  const over = Promise.withResolvers<never>();
  const sentBack = Promise.withResolvers<unknown>();
  // Each may come while nobody looks at it yet.
  for (const { promise } of [over, sentBack]) promise.catch(() => {});
  scope.onCancel(over.reject);
  const token = waitsForToken && randomBytes(96).toString('base64');
  const timers = { last: () => {}, heartbeat: () => {} };
  let heartbeat = () => {};
  let isScheduled = false;

  try {
    if (token) {
      const { resolve, reject } = sentBack;
      const beat = () => heartbeat();
      const task = { stateMachineArn: machine.arn, resolve, reject, heartbeat: beat };
      services.openTasks.set(token, task);
    }
    const found = token ? { token } : {};
    const parameters = await evaluateField(visit, 'Arguments', state.Arguments, found);
    checkSize(parameters, name);
    const timeoutInSeconds = await seconds('TimeoutSeconds');
    const heartbeatInSeconds = await seconds('HeartbeatSeconds');
    const limits = { region: LOCAL_REGION, timeoutInSeconds, heartbeatInSeconds };
    tell('Scheduled', limits, { parameters });
    isScheduled = true;
    set('last', timeoutInSeconds, new StateError('States.Timeout', ''));
    heartbeat = () => {
      const silent = new StateError('States.Timeout', '', 'States.HeartbeatTimeout');
      if (heartbeatInSeconds !== undefined) set('heartbeat', heartbeatInSeconds, silent);
    };
    heartbeat();
    const work = perform(parameters as object, {
      execution,
      scope,
      started: () => tell('Started'),
      submitted: (output) => tell('Submitted', {}, { output }),
      token: sentBack.promise,
    });
    const result = await Promise.race([work, over.promise]);
    checkSize(result, resourceType);
    tell('Succeeded', {}, { output: result });
    return result;
  } catch (error) {
    if (isScheduled && error instanceof StateError && !branch.scope.reason) {
      tell(scope.reason ? 'TimedOut' : 'Failed', error.reason);
    }
    throw error;
  } finally {
    for (const unset of Object.values(timers)) unset();
    scope.leave();
    if (token) services.openTasks.delete(token);
  }

  function tell(step: string, fields: Details['fields'] = {}, data?: Details['data']): void {
    const details = { fields: { resourceType, resource, ...fields }, ...(data && { data }) };
    history.add(branch, `Task${step}`, details);
  }

  /** Ends the attempt after some seconds, and the execution when its own time is over. */
  function set(timer: keyof typeof timers, after = Infinity, error: StateError): void {
    const time = clock.now() + after * 1000;
    timers[timer]();
    timers[timer] = clock.at(Math.min(time, deadline), () => {
      scope.cancel(time < deadline ? error : new OutOfTime());
    });
  }

  async function seconds(field: string): Promise<number | undefined> {
    return state[field] === undefined ? undefined : evaluateKind<number>(visit, 'integer', field);
  }
}
