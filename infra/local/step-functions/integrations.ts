import { randomUUID } from 'node:crypto';
import type { Lambda } from '../lambda/lambda.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { AwsError, authorize } from '../lib/aws-service.ts';
import type { Principal } from '../lib/principal.ts';
import { checkSize, StateError } from './errors.ts';
import type { EventBus } from './event-bus.ts';
import type { End, Execution } from './execution.ts';
import { executionInput, executionName } from './input.ts';
import type { Line } from './line.ts';

/** What tasks reach. */
export type Services = {
  invoke: Lambda['invoke'];
  /** Holds back what is more than this machine can do at once. */
  line: Line;
  bus: EventBus;
  /** @throws AwsError as StartExecution */
  startExecution: (stateMachineArn: string, input: string, name?: string) => Execution;
  /** A new token: `ended` settles when it is sent back. */
  tokens: {
    open: (
      stateMachineArn: string,
      heartbeat: () => void,
    ) => { text: string; ended: Promise<unknown>; close: () => void };
  };
};

/** One attempt of a task: who makes it, and what it tells meanwhile. */
export type Call = Services & {
  role: Principal;
  executionArn: string;
  stateMachineArn: string;
  started: () => void;
  /** It was handed over, and is waited for from now on. */
  submitted: (output: unknown) => void;
  /** Settles when the task's token is sent back. */
  token: Promise<unknown>;
  /** Aborted when nobody waits for the attempt any more. */
  signal: AbortSignal;
};

// biome-ignore lint/suspicious/noExplicitAny: what an expression made of them, of which no shape is certain.
type Arguments = Record<string, any>;

export type Integration = {
  arguments: readonly string[];
  required: readonly string[];
  waitsForToken?: true;
  /** @throws StateError */
  perform: (given: Arguments, call: Call) => Promise<unknown>;
};

const LAMBDA = { arguments: ['FunctionName', 'Payload'], required: ['FunctionName'] };

/** What a Task may do, by its Resource. */
export const RESOURCES: Record<string, Integration> = {
  'arn:aws:states:::lambda:invoke': { ...LAMBDA, perform: invoke },
  'arn:aws:states:::lambda:invoke.waitForTaskToken': {
    ...LAMBDA,
    waitsForToken: true,
    perform: async (given, call) => {
      call.submitted(await invoke(given, call));
      return call.token;
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
function invoke({ FunctionName, Payload = {} }: Arguments, call: Call): Promise<object> {
  return call.line(async () => {
    call.signal.throwIfAborted();
    call.started();
    const result = await refusable('Lambda', () => {
      authorize(call.role, 'lambda:InvokeFunction', FunctionName);
      const [, name = ''] = /function:([^:]+)/.exec(FunctionName) ?? [];
      return call.invoke(name, JSON.stringify(Payload));
    });
    const answer = result.payload.toString();
    if (result.functionError) throw functionError(answer);
    checkSize(JSON.parse(answer), 'lambda');
    return {
      ExecutedVersion: '$LATEST',
      Payload: JSON.parse(answer),
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
function functionError(answer: string): StateError {
  const { errorType } = JSON.parse(answer) as { errorType?: unknown };
  if (typeof errorType === 'string' && errorType !== '') return new StateError(errorType, answer);
  return new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${answer}`,
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
    const { name, message, statusCode } = error as Error & { statusCode?: number };
    const id = randomUUID();
    if (error instanceof AwsError) {
      const { code, status } = error;
      const called = status === 403 ? `AWS${service}` : code.replace(/Exception$/, '');
      const circumstances = `Service: AWS${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${id}; Proxy: null`;
      throw new StateError(`${service}.${called}Exception`, `${message} (${circumstances})`);
    }
    if (statusCode === undefined) throw error;
    const circumstances = `Service: ${service}, Status Code: ${statusCode}, Request ID: ${id}`;
    throw new StateError(`${service}.${name}`, `${message} (${circumstances})`);
  }
}

/**
 * Runs an execution of another state machine to its end; whoever stops waiting for it stops it.
 * @throws StateError States.TaskFailed where it ends without success, the cause its description
 */
async function runExecution({ StateMachineArn, Name, Input = {} }: Arguments, call: Call) {
  call.started();
  const execution = await refusable('StepFunctions', () => {
    authorize(call.role, 'states:StartExecution', StateMachineArn);
    const input = executionInput(JSON.stringify(Input));
    return call.startExecution(StateMachineArn, input, executionName(Name));
  });
  const { arn, startedAt } = execution;
  call.submitted({ ExecutionArn: arn, StartDate: startedAt });
  const stop = () => execution.stop({});
  call.signal.addEventListener('abort', stop);
  const end = await execution.ended;
  call.signal.removeEventListener('abort', stop);
  const described = describe(execution, end);
  if (end.status === 'SUCCEEDED') return described;
  throw new StateError('States.TaskFailed', JSON.stringify(described));
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
async function putEvents({ Entries }: Arguments, call: Call): Promise<object> {
  call.started();
  const entries: Arguments[] = Array.isArray(Entries) ? Entries : [Entries];
  const answer = await refusable('EventBridge', () => {
    for (const { EventBusName = 'default' } of entries) {
      const bus = `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:event-bus/${EventBusName}`;
      const isArn = String(EventBusName).startsWith('arn:');
      authorize(call.role, 'events:PutEvents', isArn ? EventBusName : bus);
    }
    return call.bus.put(
      entries.map(({ Detail, Resources = [], ...entry }) => ({
        ...entry,
        Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail),
        Resources: [...Resources, call.stateMachineArn, call.executionArn],
      })),
    );
  });
  if (answer.FailedEntryCount === 0) return answer;
  throw new StateError('EventBridge.FailedEntry', JSON.stringify(answer));
}
