import { vi } from 'vitest';
import { createEventBus } from '../../infra/local/eventbridge/event-bus.ts';
import type { InvokeResult, Lambda } from '../../infra/local/lambda/lambda.ts';
import { CLOCK, type Clock } from '../../infra/local/lib/clock.ts';
import { createLine } from '../../infra/local/lib/line.ts';
import type { Principal } from '../../infra/local/lib/principal.ts';
import { checkDefinition } from '../../infra/local/step-functions/api/definition.ts';
import {
  createRunner,
  type KnownExecution,
  type Machine,
} from '../../infra/local/step-functions/api/runner.ts';
import type { End, State } from '../../infra/local/step-functions/model.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';
export const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:Stack-task';
export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow';
export const place = {
  logicalId: 'Workflow',
  type: 'AWS::StepFunctions::StateMachine',
  path: 'Properties.DefinitionString',
};

export type States = Record<string, State>;

/**
 * A definition in JSONata that begins with the first of the states, checked without the validator, which
 * takes a tenth of a second for each.
 * @throws NotUnderstood
 */
export function read(states: States, top: object = {}) {
  const StartAt = Object.keys(states)[0] as string;
  const definition = { QueryLanguage: 'JSONata', StartAt, ...top, States: states };
  checkDefinition(definition, [functionArn], place);
  return definition;
}

/** A task that calls the one function there is, by the service integration. */
export const task = (fields: object): State => ({
  Type: 'Task',
  Resource: LAMBDA_INVOKE,
  Arguments: { FunctionName: functionArn, Payload: '{% $states.input %}' },
  ...fields,
});

export const pass = (fields: object): State => ({ Type: 'Pass', End: true, ...fields });

/** A role that may do what is named, on everything. */
export const allowing = (...actions: string[]): Principal => ({
  accessKeyId: 'ASIALOCAL',
  secretAccessKey: 'secret',
  arn: 'arn:aws:sts::000000000000:assumed-role/workflow-role/Stack-workflow',
  userId: 'AROALOCAL:Stack-workflow',
  decide: (action) =>
    actions.includes(action)
      ? { allowed: true }
      : { allowed: false, reason: `because no identity-based policy allows the ${action} action` },
});

export function machine(states: States, top: object = {}): Machine {
  const definition = read(states, top);
  return {
    name: 'Stack-workflow',
    arn: machineArn,
    definition,
    definitionText: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::000000000000:role/workflow-role',
    role: allowing('lambda:InvokeFunction', 'states:StartExecution', 'events:PutEvents'),
    tracing: true,
    logging: { level: 'ALL', includeExecutionData: false },
    createdAt: Date.now(),
  };
}

/** What the function answers. */
export const answers = (payload: unknown): InvokeResult => ({
  payload: Buffer.from(JSON.stringify(payload)),
  requestId: 'request-1',
  logTail: '',
});

/** What Lambda answers for a function that threw. */
export const throws = (errorType: string, errorMessage = ''): InvokeResult => ({
  ...answers({ errorType, errorMessage, trace: [] }),
  functionError: 'Unhandled',
});

/** A runner with these machines, whose function a test answers for. */
export function startRunner(machines: Machine[], clock: Clock = CLOCK, maxEvents?: number) {
  const invoke = vi.fn<Lambda['invoke']>();
  const lines: string[] = [];
  const bus = createEventBus();
  const runner = createRunner({
    clock,
    services: { invoke, line: createLine(8), bus },
    log: (_, line) => lines.push(line),
    ...(maxEvents !== undefined && { maxEvents }),
  });
  for (const each of machines) runner.machines.set(each.arn, each);
  return { runner, invoke, lines, bus };
}

/**
 * A machine of these states, in a time that goes on only while executions have nothing to do but wait.
 * `run` runs one execution to its end, `begin` until it waits for something that is not the time.
 */
export function startMachine(states: States, top: object = {}, change: Partial<Machine> = {}) {
  const clock = createVirtualClock();
  const started = startRunner([{ ...machine(states, top), ...change }], clock);
  const begin = async (input: unknown = {}, name?: string) => {
    const execution = started.runner.start(machineArn, JSON.stringify(input), name);
    await clock.run(() => execution.end() !== undefined);
    return execution;
  };
  const run = async (
    input: unknown = {},
    name?: string,
  ): Promise<{ execution: KnownExecution; end: End }> => {
    const execution = await begin(input, name);
    const end = execution.end();
    if (!end) throw new Error('the execution has not ended');
    return { execution, end };
  };
  return { ...started, clock, begin, run };
}

export const over = (execution: KnownExecution): Promise<End> => execution.ended;

export const types = ({ history }: KnownExecution): string[] =>
  history.events.map(({ type }) => type);
