import { randomUUID } from 'node:crypto';
import { localArn } from '../lib/account.ts';
import { AwsError, authorize } from '../lib/aws-service.ts';
import { checkSize, StateError } from './errors.ts';
import type { Execution } from './model.ts';

/** One attempt of a task: of which execution, and what it tells meanwhile. */
type Attempt = {
  execution: Execution;
  /** Aborted when nobody waits for the attempt any more, at the latest when it is over. */
  signal: AbortSignal;
  token: string;
  heartbeat: () => void;
  /** That it was begun, and that it was handed over and is waited for from now on. */
  tell: (step: 'Started' | 'Submitted', data?: { output: unknown }) => void;
};

// biome-ignore lint/suspicious/noExplicitAny: what an expression made of them, of which no shape is certain.
type Arguments = Record<string, any>;

/** What a Task may do, by its Resource. Each throws a StateError. */
export const RESOURCES = {
  'arn:aws:states:::lambda:invoke': invoke,
  'arn:aws:states:::lambda:invoke.waitForTaskToken': invokeAndWait,
  'arn:aws:states:::states:startExecution.sync:2': runExecution,
  'arn:aws:states:::events:putEvents': putEvents,
};
export type Resource = keyof typeof RESOURCES;

/** Calls a function. @returns the answer of Lambda's API, without the HTTP headers that AWS adds */
function invoke({ FunctionName, Payload = {} }: Arguments, attempt: Attempt): Promise<object> {
  const { role, services } = attempt.execution;
  return services.line(async () => {
    attempt.signal.throwIfAborted();
    attempt.tell('Started');
    const result = await refusable('Lambda', () => {
      authorize(role, 'lambda:InvokeFunction', FunctionName);
      const [, name = ''] = /function:([^:]+)/.exec(FunctionName) ?? [];
      return services.invoke(name, JSON.stringify(Payload));
    });
    const text = result.payload.toString();
    const answer = JSON.parse(text);
    if (result.functionError) throw functionError(answer, text);
    checkSize(answer, 'lambda');
    return {
      ExecutedVersion: '$LATEST',
      Payload: answer,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: result.requestId },
      StatusCode: 200,
    };
  });
}

/** The name is the error's type, whether the function threw it or Lambda put it in its place (`Sandbox.Timedout`). */
function functionError(answer: { errorType?: unknown } | null, text: string): StateError {
  const type = answer?.errorType;
  if (typeof type === 'string' && type !== '') return new StateError(type, text);
  const why = 'The cause could not be determined because Lambda did not return an error type.';
  return new StateError('Lambda.Unknown', `${why} Returned payload: ${text}`);
}

/** Calls a function and waits until somebody sends the token back, which may be before the function answers. */
async function invokeAndWait(given: Arguments, attempt: Attempt): Promise<unknown> {
  const { execution, signal, token, heartbeat } = attempt;
  const { services, stateMachineArn } = execution;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  promise.catch(() => {}); // where the function fails, too
  services.openTasks.set(token, { stateMachineArn, resolve, reject, heartbeat });
  signal.addEventListener('abort', () => services.openTasks.delete(token));
  attempt.tell('Submitted', { output: await invoke(given, attempt) });
  return promise;
}

/** @throws StateError a service's refusal, under the service's name in AWS's integrations */
async function refusable<R>(service: string, work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { code, message, status } = error;
    const called = status === 403 ? `AWS${service}` : code.replace(/Exception$/, '');
    const circumstances = `Service: AWS${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null`;
    throw new StateError(`${service}.${called}Exception`, `${message} (${circumstances})`);
  }
}

/**
 * Runs an execution of another state machine to its end; whoever stops waiting for it stops it.
 * @throws StateError States.TaskFailed where it ends without success, the cause its description
 */
async function runExecution(
  { StateMachineArn, Name, Input = {} }: Arguments,
  { execution: { role, services }, signal, tell }: Attempt,
): Promise<object> {
  tell('Started');
  const nested = await refusable('StepFunctions', () => {
    authorize(role, 'states:StartExecution', StateMachineArn);
    return services.startExecution(StateMachineArn, JSON.stringify(Input), Name);
  });
  const { StartDate } = nested.describe();
  tell('Submitted', { output: { ExecutionArn: nested.arn, StartDate } });
  signal.addEventListener('abort', () => nested.stop({}));
  const end = await nested.ended;
  const told = nested.describe();
  if (end.status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(told));
  return { ...told, Input: JSON.parse(String(told.Input)), Output: end.output };
}

/**
 * Puts events on their buses; a detail may be a value, which becomes JSON, as with AWS.
 * @throws StateError EventBridge.FailedEntry as soon as one entry failed
 */
async function putEvents({ Entries }: Arguments, { execution, tell }: Attempt): Promise<object> {
  tell('Started');
  const { arn, role, services, stateMachineArn } = execution;
  const entries: Arguments[] = [Entries].flat();
  const answer = await refusable('EventBridge', () => {
    for (const { EventBusName: bus = 'default' } of entries) {
      const isArn = String(bus).startsWith('arn:');
      authorize(role, 'events:PutEvents', isArn ? bus : localArn('events', `event-bus/${bus}`));
    }
    return services.bus.put(
      entries.map(({ Detail, Resources = [], ...entry }) => ({
        ...entry,
        Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail),
        Resources: [...Resources, stateMachineArn, arn],
      })),
    );
  });
  if (answer.FailedEntryCount === 0) return answer;
  throw new StateError('EventBridge.FailedEntry', JSON.stringify(answer));
}
