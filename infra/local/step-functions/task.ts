import { randomBytes } from 'node:crypto';
import { LOCAL_REGION } from '../lib/account.ts';
import { checkSize, StateError } from './errors.ts';
import { RESOURCES, type Resource } from './integrations.ts';
import type { Details } from './model.ts';
import { fieldOf, type Visit, within } from './visit.ts';

/**
 * One attempt of a Task, with its events. It ends by itself, with its branch, by a time-out, or without a
 * heartbeat.
 * @returns the result, as `$states.result`
 * @throws StateError
 */
export async function attemptTask(visit: Visit): Promise<unknown> {
  const { branch, name, state } = visit;
  const { execution } = branch;
  const [, resourceType = '', resource] = /:::(\w+):(.*)$/.exec(state.Resource) ?? [];
  const tell = (step: string, data?: Details['data'], fields: Details['fields'] = {}) => {
    const details = { fields: { resourceType, resource, ...fields }, ...(data && { data }) };
    execution.tell(branch, `Task${step}`, details);
  };
  const after = (seconds = Infinity) => execution.now() + seconds * 1000;
  const seconds = async (field: string): Promise<number | undefined> =>
    state[field] && fieldOf<number>(visit, field, undefined, 'integer');
  const own = within(branch);
  const { signal } = own;
  let isScheduled = false;

  try {
    const waits = resource?.endsWith('.waitForTaskToken');
    const token = waits ? randomBytes(96).toString('base64') : '';
    const parameters = await fieldOf<object>(visit, 'Arguments', undefined, 'any', { token });
    checkSize(parameters, name);
    const timeoutInSeconds = await seconds('TimeoutSeconds');
    const heartbeatInSeconds = await seconds('HeartbeatSeconds');
    const limits = { region: LOCAL_REGION, timeoutInSeconds, heartbeatInSeconds };
    signal.throwIfAborted();
    tell('Scheduled', { parameters }, limits);
    isScheduled = true;
    const timeOut = (alias?: string) => own.end(new StateError('States.Timeout', '', alias));
    own.at(after(timeoutInSeconds), timeOut);
    let unset = () => {};
    const heartbeat = () => {
      unset();
      if (heartbeatInSeconds === undefined) return;
      unset = own.at(after(heartbeatInSeconds), () => timeOut('States.HeartbeatTimeout'));
    };
    heartbeat();
    const attempt = { execution, signal, token, heartbeat, tell };
    const work = RESOURCES[state.Resource as Resource](parameters, attempt);
    const result = await Promise.race([work, own.over]);
    checkSize(result, resourceType);
    tell('Succeeded', { output: result });
    return result;
  } catch (error) {
    if (isScheduled && error instanceof StateError && !branch.signal.aborted) {
      tell(signal.aborted ? 'TimedOut' : 'Failed', undefined, error.reason);
    }
    throw error;
  } finally {
    own.end();
  }
}
