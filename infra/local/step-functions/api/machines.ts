import { AwsError } from '../../lib/aws-service.ts';
import { NotUnderstood } from '../../lib/not-understood.ts';
import type { Principal } from '../../lib/principal.ts';
import type { Definition } from '../model.ts';
import { readDefinition } from './definition.ts';
import { optionalText } from './input.ts';
import { page } from './page.ts';
import type { Machine, Runner } from './runner.ts';

type Input = Record<string, unknown>;

/** What a state machine that is created may refer to. */
export type Surroundings = {
  functionArns: readonly string[];
  /** As whom a machine with this role acts. */
  principalOf: (roleArn: string, machineName: string) => Principal;
};

const TYPE = 'STANDARD';
const LONGEST_DEFINITION = 1_048_576;
const CREATED_FROM = [
  'definition',
  'loggingConfiguration',
  'name',
  'roleArn',
  'tags',
  'tracingConfiguration',
  'type',
];

/**
 * Creates a state machine, which is kept until the end of the run. To create the same again changes nothing.
 * @throws AwsError InvalidDefinition naming the state and the field that the runner does not have
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
export function createMachine(
  runner: Runner,
  { functionArns, principalOf }: Surroundings,
  { arn, name }: { arn: string; name: string },
  input: Input,
): object {
  const other = Object.keys(input).find((key) => !CREATED_FROM.includes(key));
  if (other !== undefined || (input.type ?? TYPE) !== TYPE) {
    const what = other ?? `type ${input.type}`;
    throw new AwsError('ValidationException', `The local Step Functions has no ${what}.`);
  }
  const roleArn = optionalText(input.roleArn, 'roleArn') ?? '';
  if (!/^arn:aws:iam::\d{12}:role\/./.test(roleArn)) {
    throw new AwsError('InvalidArn', "Invalid Role Arn: 'not an ARN of a role'");
  }
  const definitionText = optionalText(input.definition, 'definition', LONGEST_DEFINITION) ?? '';
  const definition = read(definitionText, functionArns, name);
  const earlier = runner.machines.get(arn);
  if (earlier && earlier.definitionText !== definitionText) {
    throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
  }
  const { level = 'OFF', includeExecutionData = false } = {
    ...(input.loggingConfiguration as object),
  } as Partial<Machine['logging']>;
  const { enabled = false } = { ...(input.tracingConfiguration as { enabled?: boolean }) };
  const machine: Machine = earlier ?? {
    name,
    arn,
    definition,
    definitionText,
    roleArn,
    role: principalOf(roleArn, name),
    tracing: enabled,
    logging: { level, includeExecutionData },
    createdAt: Date.now(),
  };
  runner.machines.set(arn, machine);
  return { stateMachineArn: arn, creationDate: machine.createdAt / 1000 };
}

function read(text: string, functionArns: readonly string[], name: string): Definition {
  const place = { logicalId: name, type: 'AWS::StepFunctions::StateMachine', path: 'definition' };
  try {
    return readDefinition(text, functionArns, place);
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${error.message}'`);
  }
}

/** Aborts its executions, which AWS does with their next states. */
export function deleteMachine(machine: Machine, _: Input, runner: Runner): object {
  runner.stop(machine);
  runner.machines.delete(machine.arn);
  return {};
}

export function describeMachine(machine: Machine): object {
  return {
    ...overview(machine),
    status: 'ACTIVE',
    definition: machine.definitionText,
    roleArn: machine.roleArn,
    loggingConfiguration: machine.logging,
    tracingConfiguration: { enabled: machine.tracing },
  };
}

export function listMachines(runner: Runner, input: Input): object {
  const all = [...runner.machines.values()].entries();
  const { items, nextToken } = page([...all], input, ([index]) => index);
  return { stateMachines: items.map(([, machine]) => overview(machine)), nextToken };
}

function overview({ arn, createdAt, name }: Machine): object {
  return { stateMachineArn: arn, name, type: TYPE, creationDate: createdAt / 1000 };
}
