import { vi } from 'vitest';
import type { InvokeResult, Lambda } from '../../infra/local/lambda/lambda.ts';
import type { Definition, State } from '../../infra/local/states/definition.ts';
import type { End, Execution } from '../../infra/local/states/execution.ts';
import { createLine } from '../../infra/local/states/line.ts';
import { createStateMachine } from '../../infra/local/states/state-machine.ts';
import { checkFields } from '../../infra/local/states/understood.ts';
import type { StateMachineModel } from '../../infra/local/template/state-machines.ts';

export const LAMBDA_INVOKE = 'arn:aws:states:::lambda:invoke';
export const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:Stack-task';
export const place = {
  logicalId: 'Workflow',
  type: 'AWS::StepFunctions::StateMachine',
  path: 'Properties.DefinitionString',
};

type States = Record<string, State>;

/**
 * A definition that begins with the first of the states, checked without the validator, which takes a
 * tenth of a second for each.
 * @throws NotUnderstood
 */
export function read(states: States, top: object = {}): Definition {
  const definition = { StartAt: Object.keys(states)[0] as string, ...top, States: states };
  checkFields(definition, [functionArn], place);
  return definition;
}

/** A task that calls the one function there is, by the service integration. */
export const task = (fields: object): State => ({
  Type: 'Task',
  Resource: LAMBDA_INVOKE,
  Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
  ...fields,
});

export function model(states: States, top: object = {}): StateMachineModel {
  return {
    name: 'Stack-workflow',
    arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow',
    definition: read(states, top),
    definitionText: JSON.stringify(read(states, top)),
    role: {
      name: 'workflow-role',
      arn: 'arn:aws:iam::000000000000:role/workflow-role',
      statements: [
        { effect: 'Allow', actions: ['lambda:InvokeFunction'], resources: [functionArn] },
      ],
    },
    tracing: true,
    logging: { level: 'ALL', includeExecutionData: false },
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

/** A machine of these states, whose function a test answers for. */
export function startMachine(states: States, top: object = {}, change = {}) {
  const invoke = vi.fn<Lambda['invoke']>();
  const lines: string[] = [];
  const machine = createStateMachine(
    { ...model(states, top), ...change },
    { invoke, line: createLine(8), log: (line) => lines.push(line) },
  );
  /** Runs one execution to its end. */
  const run = async (input: unknown = {}) => {
    const execution = machine.start(JSON.stringify(input));
    return { execution, end: await over(execution) };
  };
  return { machine, invoke, lines, run };
}

export const over = (execution: Execution): Promise<End> =>
  vi.waitUntil(() => execution.end(), { interval: 2, timeout: 10_000 });

export const types = ({ history }: Execution): string[] => history.events.map(({ type }) => type);
