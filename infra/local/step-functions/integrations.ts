import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { AwsError, authorize } from '../lib/aws-service.ts';
import { executionInput, executionName } from './api/input.ts';
import { checkSize, StateError } from './errors.ts';
import type { End, Execution } from './execution.ts';
import type { Scope } from './scope.ts';

/** One attempt of a task: of which execution, and what it tells meanwhile. */
export type Attempt = {
  execution: Execution;
  /** Called off when nobody waits for the attempt any more. */
  scope: Scope;
  started: () => void;
  /** It was handed over, and is waited for from now on. */
  submitted: (output: unknown) => void;
  /** Settles when the task's token is sent back. */
  token: Promise<unknown>;
};

// biome-ignore lint/suspicious/noExplicitAny: what an expression made of them, of which no shape is certain.
type Arguments = Record<string, any>;

export type Integration = {
  arguments: readonly string[];
  required: readonly string[];
  waitsForToken?: true;
  /** @throws StateError */
  perform: (given: Arguments, attempt: Attempt) => Promise<unknown>;
};

const LAMBDA = { arguments: ['FunctionName', 'Payload'], required: ['FunctionName'] };

/** What a Task may do, by its Resource. */
export const RESOURCES: Record<string, Integration> = {
  'arn:aws:states:::lambda:invoke': { ...LAMBDA, perform: invoke },
  'arn:aws:states:::lambda:invoke.waitForTaskToken': {
    ...LAMBDA,
    waitsForToken: true,
    perform: async (given, attempt) => {
      attempt.submitted(await invoke(given, attempt));
      return attempt.token;
    },
  },
  'arn:aws:states:::states:startExecution.sync:2': {
    arguments: ['Input', 'Name', 'StateMachineArn'],
    required: ['StateMachineArn'],
    perform: runExecution,
  },
  'arn:aws:states:::events:putEvents': {
    arguments: ['Entries'],
    required: ['Entries'],
    perform: putEvents,
  },
};

/** A function's ARN without the only version that there is. */
export const unqualified = (arn: string): string => arn.replace(/:\$LATEST$/, '');

/** Calls a function. @returns the answer of Lambda's API, without the HTTP headers that AWS adds */
function invoke({ FunctionName, Payload = {} }: Arguments, attempt: Attempt): Promise<object> {
  const { machine, services } = attempt.execution;
  return services.line(async () => {
    attempt.scope.check();
    attempt.started();
    const result = await refusable('Lambda', () => {
      authorize(machine.role, 'lambda:InvokeFunction', FunctionName);
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

/**
 * The function answered with an error: its type is the name, whether the function threw it or Lambda
 * put it in its place (`Sandbox.Timedout`, `Runtime.ExitError`), and the answer is the cause.
 */
function functionError({ errorType }: { errorType?: unknown }, text: string): StateError {
  if (typeof errorType === 'string' && errorType !== '') return new StateError(errorType, text);
  return new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}

/** @throws StateError a service's refusal, under the service's name in AWS's integrations */
async function refusable<Result>(
  service: 'Lambda' | 'StepFunctions' | 'EventBridge',
  work: () => Result | Promise<Result>,
): Promise<Result> {
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
  { execution: { machine, services }, scope, started, submitted }: Attempt,
): Promise<object> {
  started();
  const execution = await refusable('StepFunctions', () => {
    authorize(machine.role, 'states:StartExecution', StateMachineArn);
    const input = executionInput(JSON.stringify(Input));
    return services.startExecution(StateMachineArn, input, executionName(Name));
  });
  submitted({ ExecutionArn: execution.arn, StartDate: execution.startedAt });
  const forget = scope.onCancel(() => execution.stop({}));
  const end = await execution.ended;
  forget();
  const description = describe(execution, end);
  if (end.status === 'SUCCEEDED') return description;
  throw new StateError('States.TaskFailed', JSON.stringify(description));
}

/** As DescribeExecution, its members as the integration spells them. Of a success, input and output are values. */
function describe({ arn, input, machine, name, startedAt }: Execution, end: End): object {
  const outcome =
    end.status === 'SUCCEEDED'
      ? { Input: JSON.parse(input), Output: end.output, OutputDetails: { Included: true } }
      : { Input: input, Error: end.reason.error, Cause: end.reason.cause };
  return {
    ExecutionArn: arn,
    InputDetails: { Included: true },
    Name: name,
    StartDate: startedAt,
    StateMachineArn: machine.arn,
    Status: end.status,
    StopDate: end.at,
    ...outcome,
  };
}

/**
 * Puts events on their buses; a detail may be a value, which becomes JSON, as with AWS.
 * @throws StateError EventBridge.FailedEntry as soon as one entry failed
 */
async function putEvents({ Entries }: Arguments, { execution, started }: Attempt): Promise<object> {
  started();
  const { arn, machine, services } = execution;
  const entries: Arguments[] = Array.isArray(Entries) ? Entries : [Entries];
  const answer = await refusable('EventBridge', () => {
    for (const { EventBusName = 'default' } of entries) {
      const bus = `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:event-bus/${EventBusName}`;
      const isArn = String(EventBusName).startsWith('arn:');
      authorize(machine.role, 'events:PutEvents', isArn ? EventBusName : bus);
    }
    return services.bus.put(
      entries.map(({ Detail, Resources = [], ...entry }) => ({
        ...entry,
        Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail),
        Resources: [...Resources, machine.arn, arn],
      })),
    );
  });
  if (answer.FailedEntryCount === 0) return answer;
  throw new StateError('EventBridge.FailedEntry', JSON.stringify(answer));
}
