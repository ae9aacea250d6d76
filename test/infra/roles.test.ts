import { expect, test } from 'vitest';
import { type Resource, resources, synthesized } from './synthesized.ts';

const shipped = synthesized();
const roles = resources(shipped, 'AWS::IAM::Role');

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
/** X-Ray's actions that write cannot be limited to a resource. */
const TRACES = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
const STATES = 'arn:AWS::Partition:states:AWS::Region:AWS::AccountId';
const DOOR = {
  ledger: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  'slack-token/secret': ['secretsmanager:GetSecretValue'],
  [`${STATES}:stateMachine:SlackConnectInvites-invites`]: ['states:StartExecution'],
  [`${STATES}:execution:SlackConnectInvites-invites:*`]: ['states:DescribeExecution'],
  '*': TRACES,
};

/** All that each role may do: its actions by their resource, both as construct paths. */
const ALLOWED = {
  'invite-api-role': { 'invite-api-logs': LOGS, ...DOOR },
  'invite-task-role': { 'invite-task-logs': LOGS, ...DOOR },
  'lane-ticket-role': {
    'lane-ticket-logs': LOGS,
    ledger: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    '*': TRACES,
  },
  'workflow/role': {
    'invite-task': ['lambda:InvokeFunction'],
    'lane-ticket': ['lambda:InvokeFunction'],
    // Neither can log deliveries be limited to a resource.
    '*': [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      ...TRACES,
    ],
  },
};

const pathOf = (resource: Resource | undefined): string =>
  resource?.Metadata?.['aws:cdk:path']?.split('/').slice(1, -1).join('/') ?? '';

// biome-ignore lint/suspicious/noExplicitAny: intrinsic functions
const readable = (resource: any): string => {
  if (typeof resource === 'string') return resource;
  if (resource['Fn::Join']) return resource['Fn::Join'][1].map(readable).join('');
  const id = resource.Ref ?? resource['Fn::GetAtt'][0];
  return pathOf(shipped.Resources[id]) || id;
};

/** The actions of a role by their resource. */
const actionsOf = ({ Properties }: Resource): Record<string, string[]> => {
  const actions: Record<string, string[]> = {};
  for (const { Effect, Action, Resource } of Properties.Policies[0].PolicyDocument.Statement) {
    expect(Effect).toBe('Allow');
    for (const resource of [Resource].flat().map(readable)) {
      actions[resource] = [...(actions[resource] ?? []), Action].flat();
    }
  }
  return actions;
};

test('roles allow exactly what is written here', () => {
  const allowed = Object.fromEntries(roles.map((role) => [pathOf(role), actionsOf(role)]));
  expect(allowed).toEqual(ALLOWED);
});

test('roles hold their policies themselves', () => {
  expect(resources(shipped, 'AWS::IAM::Policy')).toEqual([]);
  for (const { Properties } of roles) {
    expect(Properties.Policies).toHaveLength(1);
    expect(Properties.ManagedPolicyArns).toBeUndefined();
  }
});

test('a role is assumed by the one service that runs its function or state machine', () => {
  const trusted = roles.map(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement);
  const statement = (service: string) => [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } },
  ];
  const lambda = statement('lambda.amazonaws.com');
  expect(trusted).toEqual([lambda, lambda, lambda, statement('states.amazonaws.com')]);
});

test('a function has the role and the log group of its own name', () => {
  for (const resource of resources(shipped, 'AWS::Lambda::Function')) {
    const { Role, LoggingConfig } = resource.Properties;
    const name = pathOf(resource);
    expect([readable(Role), readable(LoggingConfig.LogGroup)]).toEqual([
      `${name}-role`,
      `${name}-logs`,
    ]);
  }
});
