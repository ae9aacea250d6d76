import type { Assembly, Resource } from '../cloudformation/assembly.ts';
import { checkGrants, type RoleModel, readRole } from '../iam/roles.ts';
import type { FunctionModel } from '../lambda/function-model.ts';
import { inside } from '../lib/not-understood.ts';
import { type Definition, readDefinition } from '../states/definition.ts';

/** A state machine of the template with its role. */
export type StateMachineModel = {
  name: string;
  arn: string;
  definition: Definition;
  /** JSON, as Step Functions was given it. */
  definitionText: string;
  role: RoleModel;
  tracing: boolean;
  logging: { level: string; includeExecutionData: boolean };
};

/**
 * Reads the state machines of the template.
 * @throws NotUnderstood for a definition that would run otherwise than on AWS, or not there
 */
export function readStateMachines(
  assembly: Assembly,
  functions: readonly FunctionModel[],
): StateMachineModel[] {
  const functionArns = functions.map(({ arn }) => arn);
  const machines = assembly.ofType('AWS::StepFunctions::StateMachine').map((resource) => {
    const { place, properties, name } = resource;
    const { DefinitionString: text, LoggingConfiguration: logging, RoleArn } = properties;
    const model: StateMachineModel = {
      name,
      arn: resource.ref,
      definition: readDefinition(text, functionArns, inside(place, 'DefinitionString')),
      definitionText: text,
      role: readRole(assembly, RoleArn, 'states.amazonaws.com', inside(place, 'RoleArn')),
      tracing: properties.TracingConfiguration?.Enabled ?? false,
      logging: {
        level: logging?.Level ?? 'OFF',
        includeExecutionData: logging?.IncludeExecutionData ?? false,
      },
    };
    checkServiceGrants(model, resource);
    return model;
  });
  const twin = machines.find(
    ({ name }, index) => machines.findIndex((machine) => machine.name === name) < index,
  );
  if (twin) throw new Error(`Two state machines of the template would be called ${twin.name}.`);
  return machines;
}

/** For the logs, on no resource that could be named: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

/** For the traces: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html */
const TRACING = [
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

function checkServiceGrants({ role, logging, tracing }: StateMachineModel, { place }: Resource) {
  const needed = [...(logging.level === 'OFF' ? [] : LOG_DELIVERY), ...(tracing ? TRACING : [])];
  checkGrants(
    role,
    needed.map((action) => [action, '*']),
    inside(place, 'RoleArn'),
    'On AWS the state machine would lose its logs or traces, or could not be created',
  );
}
