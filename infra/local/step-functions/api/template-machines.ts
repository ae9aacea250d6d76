import type { Assembly } from '../../cloudformation/assembly.ts';
import { session } from '../../iam/principals.ts';
import { checkGrants, type RoleModel, readRole } from '../../iam/roles.ts';
import type { FunctionModel } from '../../lambda/function-model.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../lib/account.ts';
import { inside, type Place } from '../../lib/not-understood.ts';
import { readDefinition } from './definition.ts';
import type { Machine } from './runner.ts';

/**
 * Reads the state machines of the template.
 * @throws NotUnderstood for a definition that would run otherwise than on AWS, or not there
 */
export function readStateMachines(
  assembly: Assembly,
  functions: readonly FunctionModel[],
): Machine[] {
  const functionArns = functions.flatMap(({ arn, aliases }) => [arn, ...aliases]);
  const machines = assembly.ofType('AWS::StepFunctions::StateMachine').map((resource) => {
    const { place, properties, name, ref } = resource;
    const { DefinitionString: text, LoggingConfiguration: logging, RoleArn } = properties;
    const here = inside(place, 'RoleArn');
    const role = readRole(assembly, RoleArn, 'states.amazonaws.com', here);
    const machine: Machine = {
      name,
      arn: ref,
      definition: readDefinition(text, functionArns, inside(place, 'DefinitionString')),
      definitionText: text,
      roleArn: role.arn,
      role: session({ name, role }),
      tracing: properties.TracingConfiguration?.Enabled ?? false,
      logging: {
        level: logging?.Level ?? 'OFF',
        includeExecutionData: logging?.IncludeExecutionData ?? false,
      },
      createdAt: Date.now(),
    };
    checkServiceGrants(machine, role, here);
    return machine;
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

/** For waiting for other executions: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
const MANAGED_RULE = ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'];
const RULE = `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;

function checkServiceGrants(machine: Machine, role: RoleModel, place: Place): void {
  const { definitionText, logging, tracing } = machine;
  const needed = [...(logging.level === 'OFF' ? [] : LOG_DELIVERY), ...(tracing ? TRACING : [])];
  const rule = definitionText.includes(':startExecution.sync') ? MANAGED_RULE : [];
  checkGrants(
    role,
    [
      ...needed.map((action): [string, string] => [action, '*']),
      ...rule.map((action): [string, string] => [action, RULE]),
    ],
    place,
    'On AWS the state machine would lose its logs or traces, or could not be created',
  );
}
