import { describe, expect, test } from 'vitest';
import {
  pathOf,
  type Resource,
  resources,
  type Template,
  templateOf,
} from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
/** X-Ray's actions that write cannot be limited to a resource. */
const TRACES = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
const STATES = 'arn:AWS::Partition:states:AWS::Region:AWS::AccountId';
const INVITES = {
  ledger: [
    ...['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    'dynamodb:GetItem',
  ],
  'slack-token/secret': ['secretsmanager:GetSecretValue'],
  '*': TRACES,
};
const DOOR = {
  ...INVITES,
  [`${STATES}:stateMachine:SlackConnectInvites-invites`]: ['states:StartExecution'],
  [`${STATES}:execution:SlackConnectInvites-invites:*`]: ['states:DescribeExecution'],
};

// Neither can log deliveries be limited to a resource.
const DELIVERIES = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

/** All that each role may do: its actions by their resource, both as construct paths. */
const ALLOWED = {
  // It also reads what blocks the queue.
  'invite-api-role': {
    'invite-api-logs': LOGS,
    ...DOOR,
    ledger: [...DOOR.ledger, 'dynamodb:GetItem'],
    'ledger/index/list': ['dynamodb:Query'],
  },
  'invite-task-role': { 'invite-task-logs': LOGS, ...DOOR },
  // Called by the workflow, it starts none.
  'invite-turn-role': { 'invite-turn-logs': LOGS, ...INVITES },
  'lane-ticket-role': {
    'lane-ticket-logs': LOGS,
    ledger: ['dynamodb:UpdateItem'],
    '*': TRACES,
  },
  'sweep-role': {
    'sweep-logs': LOGS,
    // It also reads what blocks the queue.
    ledger: [
      ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      'dynamodb:GetItem',
    ],
    'ledger/index/due': ['dynamodb:Query'],
    [`${STATES}:stateMachine:SlackConnectInvites-invites`]: ['states:StartExecution'],
    [`${STATES}:stateMachine:SlackConnectInvites-events`]: ['states:StartExecution'],
    [`${STATES}:execution:SlackConnectInvites-invites:*`]: ['states:DescribeExecution'],
    [`${STATES}:execution:SlackConnectInvites-events:*`]: ['states:DescribeExecution'],
    '*': TRACES,
  },
  'workflow/role': {
    'invite-turn/alias': ['lambda:InvokeFunction'],
    'invite-turn': ['lambda:InvokeFunction'],
    'lane-ticket/alias': ['lambda:InvokeFunction'],
    'lane-ticket': ['lambda:InvokeFunction'],
    '*': DELIVERIES,
  },
};

/** The roles of the HR door, without the secrets, which come with the first source. */
const ALLOWED_FOR_HR = {
  'hr/hr-webhook-role': {
    'hr/hr-webhook-logs': LOGS,
    ledger: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [`${STATES}:stateMachine:SlackConnectInvites-events`]: ['states:StartExecution'],
    [`${STATES}:execution:SlackConnectInvites-events:*`]: ['states:DescribeExecution'],
    '*': TRACES,
  },
  // Neither Slack's token nor a workflow: it is inside one.
  'hr/hr-invite-role': {
    'hr/hr-invite-logs': LOGS,
    ledger: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem'],
    '*': TRACES,
  },
  'hr/workflow/role': {
    'hr/hr-invite/alias': ['lambda:InvokeFunction'],
    'hr/hr-invite': ['lambda:InvokeFunction'],
    'invite-turn/alias': ['lambda:InvokeFunction'],
    'invite-turn': ['lambda:InvokeFunction'],
    'lane-ticket/alias': ['lambda:InvokeFunction'],
    'lane-ticket': ['lambda:InvokeFunction'],
    '*': DELIVERIES,
  },
};
const EVERYTHING = { ...ALLOWED, ...ALLOWED_FOR_HR };
const READ_SECRET = ['secretsmanager:GetSecretValue'];
const WITH_SECRETS = {
  ...EVERYTHING,
  'hr/hr-webhook-role': {
    ...ALLOWED_FOR_HR['hr/hr-webhook-role'],
    'hr/webhook-secrets': READ_SECRET,
  },
  'hr/hr-invite-role': {
    ...ALLOWED_FOR_HR['hr/hr-invite-role'],
    'hr/lookup-credentials': READ_SECRET,
  },
};

/** The items of the table that a role may touch, by statement and key. */
const GRANTS = { ReadGrants: ['grant#*'] };
const KEYS = {
  'invite-api-role': {
    UseTable: ['invite#*', 'gate#*', 'lane#*'],
    ...GRANTS,
    ReadBlock: ['block#*'],
  },
  'invite-task-role': { UseTable: ['invite#*', 'gate#*'], ...GRANTS },
  'invite-turn-role': { UseTable: ['invite#*', 'gate#*', 'lane#*', 'block#*'], ...GRANTS },
  'lane-ticket-role': { UseTable: ['lane#*'] },
  'sweep-role': { UseTable: ['event#*', 'invite#*', 'heard#*'], ReadBlock: ['block#*'] },
  'hr/hr-webhook-role': { UseTable: ['event#*', 'heard#*'] },
  'hr/hr-invite-role': { UseTable: ['event#*', 'invite#*'], ReadGrants: ['grant#*'] },
};

/** @returns what names a resource as a construct path, intrinsic functions resolved. */
const reader = (template: Template) => {
  // biome-ignore lint/suspicious/noExplicitAny: intrinsic functions
  const readable = (resource: any): string => {
    if (typeof resource === 'string') return resource;
    if (resource['Fn::Join']) return resource['Fn::Join'][1].map(readable).join('');
    const id = resource.Ref ?? resource['Fn::GetAtt'][0];
    return pathOf(template.Resources[id]) || id;
  };
  return readable;
};

/** The actions of a role by their resource. */
const actionsOf = (template: Template, { Properties }: Resource): Record<string, string[]> => {
  const actions: Record<string, string[]> = {};
  for (const { Effect, Action, Resource } of Properties.Policies[0].PolicyDocument.Statement) {
    expect(Effect).toBe('Allow');
    for (const resource of [Resource].flat().map(reader(template))) {
      actions[resource] = [...(actions[resource] ?? []), Action].flat();
    }
  }
  return actions;
};

describe.each([
  ['as shipped', await templateOf(), EVERYTHING],
  ['with webhook sources', await templateOf(WITH_SOURCES), WITH_SECRETS],
] as const)('%s', (_, template, everything) => {
  const roles = resources(template, 'AWS::IAM::Role');

  test('roles allow exactly what is written here', () => {
    const allowed = roles.map((role) => [pathOf(role), actionsOf(template, role)]);
    expect(Object.fromEntries(allowed)).toEqual(everything);
  });

  test('each function touches its own items of the table only, and reads grants at most', () => {
    const conditions = roles.flatMap((role) =>
      role.Properties.Policies[0].PolicyDocument.Statement.flatMap(
        ({ Sid, Condition }: { Sid: string; Condition?: object }) =>
          Condition ? [[pathOf(role), Sid, Condition]] : [],
      ),
    );
    expect(conditions).toEqual(
      Object.entries(KEYS).flatMap(([role, statements]) =>
        Object.entries(statements).map(([sid, patterns]) => [
          role,
          sid,
          {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        ]),
      ),
    );
  });

  test('ReadGrants reads, and no other statement reaches a grant', () => {
    for (const { Properties } of roles) {
      for (const { Sid, Action } of Properties.Policies[0].PolicyDocument.Statement) {
        if (Sid === 'ReadGrants') expect(Action).toBe('dynamodb:GetItem');
      }
    }
  });

  test('roles hold their policies themselves', () => {
    expect(resources(template, 'AWS::IAM::Policy')).toEqual([]);
    for (const { Properties } of roles) {
      expect(Properties.Policies).toHaveLength(1);
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  test('a role is assumed by the one service that runs its function or state machine', () => {
    for (const role of roles) {
      const service = pathOf(role).endsWith('workflow/role') ? 'states' : 'lambda';
      expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: `${service}.amazonaws.com` },
        },
      ]);
    }
  });

  test('a function has the role and the log group of its own name', () => {
    for (const resource of resources(template, 'AWS::Lambda::Function')) {
      const { Role, LoggingConfig } = resource.Properties;
      const name = pathOf(resource);
      expect([Role, LoggingConfig.LogGroup].map(reader(template))).toEqual([
        `${name}-role`,
        `${name}-logs`,
      ]);
    }
  });
});
