import { setImmediate } from 'node:timers/promises';
import { LOCAL_REGION } from '../lib/account.ts';
import type { FunctionAnswer } from './function-task.ts';
import type { Details } from './history.ts';
import type { Work } from './prepared.ts';
import { StateError } from './state-error.ts';
import { MAX_TIMER_MS } from './time.ts';
import type { Surroundings } from './works.ts';

/**
 * One attempt of a task, with its events: of the service integration as Task…, of a plain function
 * as LambdaFunction…
 */
export async function attemptTask(
  work: Work & { does: 'call' },
  payload: unknown,
  { callFunction, history, signal }: Surroundings,
): Promise<unknown> {
  // The interpreter tells of a state that it enters only in microtasks. By now they are done.
  await setImmediate();
  signal.throwIfAborted();

  const { functionArn, integrated, timeoutSeconds } = work;
  const task = integrated ? { resourceType: 'lambda', resource: 'invoke' } : {};
  const tell = (step: string, fields: Details['fields'], data?: Details['data']) => {
    const name = `${integrated ? 'task' : 'lambdaFunction'}${step}EventDetails`;
    const details = { name, fields: { ...task, ...fields }, ...(data && { data }) };
    history.add(`${integrated ? 'Task' : 'LambdaFunction'}${step}`, details);
  };
  const timeout = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  if (integrated) {
    const parameters = { FunctionName: functionArn, Payload: payload };
    tell('Scheduled', { region: LOCAL_REGION, ...timeout }, { parameters });
  } else {
    tell('Scheduled', { resource: functionArn, ...timeout }, { input: payload });
  }
  try {
    const answer = await withTimeout(timeoutSeconds, signal, (attempt) =>
      callFunction({ functionArn, integrated, payload }, () => tell('Started', {}), attempt),
    );
    const output = integrated ? asIntegrated(answer) : answer.payload;
    tell('Succeeded', {}, { output });
    return output;
  } catch (error) {
    if (!signal.aborted) {
      const { name, message } = error as Error;
      const cause = message && { cause: message };
      tell(name === 'States.Timeout' ? 'TimedOut' : 'Failed', { error: name, ...cause });
    }
    throw error;
  }
}

/** Of the answer of Lambda's API, without the HTTP headers that AWS adds. */
function asIntegrated({ payload, requestId }: FunctionAnswer) {
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}

/** Gives `attempt` a signal that comes with the given one, or when the time is over. */
async function withTimeout<Result>(
  seconds: number | undefined,
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (seconds === undefined) return attempt(signal);
  const own = new AbortController();
  const end = () => own.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  const timeOut = () => own.abort(new StateError('States.Timeout', ''));
  const timer = setTimeout(timeOut, Math.min(seconds * 1000, MAX_TIMER_MS));
  try {
    return await attempt(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
