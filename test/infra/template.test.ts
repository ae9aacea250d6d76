import { describe, expect, test } from 'vitest';
import {
  pathOf,
  type Resource,
  resources,
  type Template,
  templateOf,
} from '../support/assemblies.ts';
import { JWT, SECRET_ARN, WITH_SOURCES } from './configurations.ts';

const shipped = await templateOf();
const withJwt = await templateOf({ 'slackConnectInvites.jwt': JSON.stringify(JWT) });
const withSources = await templateOf(WITH_SOURCES);
const withSecretArn = await templateOf({ 'slackConnectInvites.secretArn': SECRET_ARN });

const only = (list: Resource[]): Resource => {
  expect(list).toHaveLength(1);
  return list[0] as Resource;
};

const shippedStage = only(resources(shipped, 'AWS::ApiGatewayV2::Stage'));

const TAG = { Key: 'slack-connect-invites', Value: 'SlackConnectInvites' };

const INVITES = ['GET /invites', 'POST /invites', 'GET /invites/{id}', 'DELETE /invites/{id}'];

/** Routes that anybody may call, each with the reason. */
const OPEN_ROUTES: Record<string, string> = {
  'GET /webhooks/{source}': 'a sender makes sure of the address, with its secret in a header',
  'POST /webhooks/{source}': 'the body is signed, which no authorizer sees',
};

describe('the HTTP door', () => {
  test.each([
    ['shipped', shipped, 'AWS_IAM', INVITES],
    ['with jwt', withJwt, 'JWT', INVITES],
    ['with sources', withSources, 'AWS_IAM', [...INVITES, ...Object.keys(OPEN_ROUTES)]],
  ])('%s: every route has the authorizer or a reason to be open', (_, template, type, keys) => {
    const routes = resources(template, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(({ Properties }) => Properties.RouteKey)).toEqual(keys);
    for (const { Properties } of routes) {
      const open = OPEN_ROUTES[Properties.RouteKey];
      expect(Properties.AuthorizationType).toBe(open ? 'NONE' : type);
    }
  });

  test('takes issuer, audience and scopes of the tokens from the configuration', () => {
    const { Properties } = only(resources(withJwt, 'AWS::ApiGatewayV2::Authorizer'));
    expect(Properties.JwtConfiguration).toEqual({ Issuer: JWT.issuer, Audience: JWT.audience });
    for (const route of resources(withJwt, 'AWS::ApiGatewayV2::Route')) {
      expect(route.Properties.AuthorizationScopes).toEqual(JWT.scopes);
    }
  });

  test('throttles as configured', async () => {
    const context = { 'slackConnectInvites.throttle': '{"rate": 7, "burst": 9}' };
    const { Properties } = only(resources(await templateOf(context), 'AWS::ApiGatewayV2::Stage'));
    const settings = {
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
      DetailedMetricsEnabled: true,
    };
    expect(Properties.RouteSettings).toEqual({
      'POST /invites': settings,
      'GET /invites': settings,
      'GET /invites/{id}': settings,
      'DELETE /invites/{id}': settings,
    });
  });

  test('limits the webhooks by the default of the stage, which needs no route', async () => {
    const context = { 'slackConnectInvites.webhooks': '{"throttle": {"rate": 5, "burst": 6}}' };
    const configured = only(resources(await templateOf(context), 'AWS::ApiGatewayV2::Stage'));
    const rest = { DetailedMetricsEnabled: true };
    expect([shippedStage, configured].map((one) => one.Properties.DefaultRouteSettings)).toEqual([
      { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 300, ...rest },
      { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 6, ...rest },
    ]);
  });

  test('has the stage after the routes that it has settings for', () => {
    const { RouteSettings } = shippedStage.Properties;
    const settled = Object.entries(shipped.Resources).flatMap(([id, { Properties }]) =>
      Properties.RouteKey in RouteSettings ? [id] : [],
    );
    expect(settled).toHaveLength(4);
    expect((shippedStage as Resource & { DependsOn: string[] }).DependsOn).toEqual(
      expect.arrayContaining(settled),
    );
  });

  test('logs each access as JSON, and neither who called nor from where', () => {
    const { Properties } = only(resources(shipped, 'AWS::ApiGatewayV2::Stage'));
    const { Format, DestinationArn } = Properties.AccessLogSettings;
    expect(shipped.Resources[DestinationArn['Fn::GetAtt'][0]]?.Type).toBe('AWS::Logs::LogGroup');
    expect(JSON.parse(Format)).toMatchObject({ routeKey: '$context.routeKey' });
    expect(JSON.parse(Format)).toMatchObject({
      errorMessage: '$context.error.message',
      authorizerError: '$context.authorizer.error',
      integrationError: '$context.integration.error',
    });
    expect(Format).not.toMatch(
      /identity|authorizer\.(?!error)|sourceIp|userAgent|context\.path|domain/i,
    );
  });
});

describe('the functions', () => {
  const functions = resources(shipped, 'AWS::Lambda::Function');

  test('are found by the name of their folder', () => {
    expect(functions.map(({ Metadata }) => Metadata?.['aws:cdk:path'])).toEqual([
      'SlackConnectInvites/invite-api/Resource',
      'SlackConnectInvites/invite-task/Resource',
      'SlackConnectInvites/invite-turn/Resource',
      'SlackConnectInvites/lane-ticket/Resource',
      'SlackConnectInvites/sweep/Resource',
      'SlackConnectInvites/hr/hr-webhook/Resource',
      'SlackConnectInvites/hr/hr-invite/Resource',
    ]);
  });

  test('have exactly the agreed environment', () => {
    const secretAndWorkflow = {
      SECRET_ARN: { Ref: expect.any(String) },
      WORKFLOW_ARN: { 'Fn::Join': expect.anything() },
    };
    const more = {
      'invite-api': secretAndWorkflow,
      'invite-task': secretAndWorkflow,
      'invite-turn': { SECRET_ARN: { Ref: expect.any(String) } },
      sweep: {
        WORKFLOW_ARN: { 'Fn::Join': expect.anything() },
        EVENTS_WORKFLOW_ARN: { 'Fn::Join': expect.anything() },
      },
    };
    const NAMES = ['invite-api', 'invite-task', 'invite-turn', 'lane-ticket', 'sweep'];
    for (const [index, door] of NAMES.entries()) {
      expect(functions[index]?.Properties.Environment.Variables).toEqual({
        STACK_NAME: 'SlackConnectInvites',
        FUNCTION: door,
        TABLE_NAME: { Ref: expect.any(String) },
        CONFIG: '{"ratePerMinute":20,"burst":5,"retentionDays":400}',
        ...more[door as keyof typeof more],
      });
    }
  });

  test('run on Node 24 and arm64, traced, with JSON logs in a group of their own', () => {
    const groups = functions.map(({ Properties }) => Properties.LoggingConfig.LogGroup.Ref);
    expect(new Set(groups).size).toBe(7);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' },
      });
    }
  });

  test('have names that Lambda takes, however long the name of the stack is', async () => {
    const template = await templateOf({
      'slackConnectInvites.stackName': 'S'.repeat(51),
      'slackConnectInvites.lifecycle': 'true',
    });
    const names = resources(template, 'AWS::Lambda::Function');
    const lengths = names.map(({ Properties }) => Properties.FunctionName.length);
    expect(Math.max(...lengths)).toBe(64);
  });

  test('answer before the gateway gives up, and without Slack sooner', () => {
    expect(functions.map(({ Properties }) => Properties.Timeout)).toEqual([
      20, 20, 20, 10, 60, 10, 20,
    ]);
  });

  test('may be called by the gateway for their own routes only', () => {
    const permissions = resources(shipped, 'AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties.Principal === 'apigateway.amazonaws.com',
    );
    expect(permissions.map(({ Properties }) => Properties.SourceArn['Fn::Join'][1].at(-1))).toEqual(
      ['/*/*/invites', '/*/*/invites', '/*/*/invites/{id}', '/*/*/invites/{id}'],
    );
  });
});

test('the sweep runs every five minutes, and its rule may invoke it', () => {
  const rule = only(resources(shipped, 'AWS::Events::Rule'));
  const [target] = rule.Properties.Targets;
  expect(rule.Properties.ScheduleExpression).toBe('rate(5 minutes)');
  expect(pathOf(shipped.Resources[target.Arn.Ref] as Resource)).toBe('sweep/alias');
  const permission = resources(shipped, 'AWS::Lambda::Permission').find(
    ({ Properties }) => Properties.Principal === 'events.amazonaws.com',
  );
  expect(permission?.Properties.FunctionName).toEqual(target.Arn);
});

test('the table is on demand, encrypted, recoverable, expiring, and outlives the stack', () => {
  const table = only(resources(shipped, 'AWS::DynamoDB::Table'));
  expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(table.Properties).toMatchObject({
    DeletionProtectionEnabled: true,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'due', AttributeType: 'S' },
      { AttributeName: 'due_at', AttributeType: 'N' },
      { AttributeName: 'listed', AttributeType: 'S' },
      { AttributeName: 'listed_at', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [
          { AttributeName: 'due', KeyType: 'HASH' },
          { AttributeName: 'due_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'list',
        KeySchema: [
          { AttributeName: 'listed', KeyType: 'HASH' },
          { AttributeName: 'listed_at', KeyType: 'RANGE' },
        ],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: [
            'channel',
            'recipient',
            'external_limited',
            'status',
            'claim',
            'slack',
            'attempts',
            'reference',
            'source',
            'error',
            'created_at',
            'updated_at',
            'expires_at',
            'not_before',
            'accepted_at',
            'connected_at',
            'accepting_team',
            'proved_by',
            'reminded_at',
          ],
        },
      },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
});

test('every log group forgets after the configured days', async () => {
  const context = { 'slackConnectInvites.logRetentionDays': '30' };
  const groups = resources(await templateOf(context), 'AWS::Logs::LogGroup');
  expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual(
    Array.from({ length: 10 }, () => 30),
  );
});

describe('the alias live', () => {
  const idsOf = (type: string) =>
    Object.keys(withSources.Resources).filter((id) => withSources.Resources[id]?.Type === type);
  const functions = idsOf('AWS::Lambda::Function');
  const aliases = idsOf('AWS::Lambda::Alias');

  test('of each function names its version, and versions are retained', () => {
    const named = aliases.map((id) => {
      const { Name, FunctionName, FunctionVersion } = withSources.Resources[id]?.Properties ?? {};
      expect(Name).toBe('live');
      const version = withSources.Resources[FunctionVersion['Fn::GetAtt'][0]];
      expect(version).toMatchObject({
        Type: 'AWS::Lambda::Version',
        Properties: { FunctionName },
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
      return FunctionName.Ref;
    });
    expect(named.sort()).toEqual(functions.sort());
  });

  test('is what gateway, state machines, permissions and outputs name, and never the function', () => {
    const named = [
      'AWS::ApiGatewayV2::Integration',
      'AWS::Lambda::Permission',
      'AWS::StepFunctions::StateMachine',
      'AWS::Events::Rule',
    ].flatMap((type) =>
      resources(withSources, type).map(({ Properties }) => JSON.stringify(Properties)),
    );
    const text = [...named, JSON.stringify(withSources.Outputs)].join();
    for (const id of functions) expect(text).not.toMatch(new RegExp(`"${id}"`));
    const [task] = aliases.filter(
      (id) => pathOf(withSources.Resources[id]) === 'invite-task/alias',
    );
    expect(withSources.Outputs.InviteTaskArn).toMatchObject({ Value: { Ref: task } });
  });
});

describe('the secret', () => {
  test('is made with a random value', () => {
    const { Properties } = only(resources(shipped, 'AWS::SecretsManager::Secret'));
    expect(Properties).toEqual({
      Description: expect.any(String),
      GenerateSecretString: {},
      Tags: [TAG],
    });
  });

  test('stays when the stack goes, or names another one', () => {
    expect(only(resources(shipped, 'AWS::SecretsManager::Secret'))).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is the existing one when its ARN is configured', () => {
    expect(resources(withSecretArn, 'AWS::SecretsManager::Secret')).toEqual([]);
    expect(withSecretArn.Outputs.SecretArn).toMatchObject({ Value: SECRET_ARN });
    for (const { Properties } of resources(withSecretArn, 'AWS::Lambda::Function')) {
      const { FUNCTION, SECRET_ARN: arn } = Properties.Environment.Variables;
      const role = withSecretArn.Resources[Properties.Role['Fn::GetAtt'][0]] as Resource;
      const { Statement } = role.Properties.Policies[0].PolicyDocument;
      const read = Statement.filter(
        ({ Action }: { Action: unknown }) => Action === 'secretsmanager:GetSecretValue',
      );
      if (!FUNCTION.startsWith('invite-')) expect([arn, read]).toEqual([undefined, []]);
      else expect([arn, read]).toMatchObject([SECRET_ARN, [{ Resource: SECRET_ARN }]]);
    }
  });

  test.each([
    ['shipped', shipped],
    ['with jwt', withJwt],
    ['with an existing secret', withSecretArn],
    ['with sources', withSources],
  ])('%s: no token and no other address of Slack in the template', (_, template) => {
    const found = JSON.stringify(template).match(
      /xox[a-z][-.]|"SecretString"|SLACK_API_URL|LOOKUP_ORIGIN/,
    );
    expect(found).toBeNull();
  });
});

test('the outputs are what an operator needs', () => {
  expect(Object.keys(shipped.Outputs)).toEqual([
    'ApiUrl',
    'SecretArn',
    'TableName',
    'InviteTaskArn',
    'WorkflowArn',
    'CodeVersion',
  ]);
});

describe('a second stack in the account', () => {
  // Every type of resource, with the property that would fix its physical name; null where there
  // is no name that has to be unique in an account.
  const NAMES: Record<string, string | null> = {
    'AWS::ApiGatewayV2::Api': null,
    'AWS::ApiGatewayV2::Authorizer': null,
    'AWS::ApiGatewayV2::Integration': null,
    'AWS::ApiGatewayV2::Route': null,
    'AWS::ApiGatewayV2::Stage': null,
    'AWS::DynamoDB::Table': 'TableName',
    'AWS::Events::Rule': 'Name',
    'AWS::IAM::Role': 'RoleName',
    // Of a function, whose name has the stack's.
    'AWS::Lambda::Alias': null,
    'AWS::Lambda::Function': 'FunctionName',
    'AWS::Lambda::Permission': null,
    'AWS::Lambda::Version': null,
    'AWS::Logs::LogGroup': 'LogGroupName',
    'AWS::SecretsManager::Secret': 'Name',
    'AWS::StepFunctions::StateMachine': 'StateMachineName',
  };

  const FUNCTIONS = [
    'invite-api',
    'invite-task',
    'invite-turn',
    'lane-ticket',
    'sweep',
    'hr-webhook',
    'hr-invite',
  ];
  const FIXED = [
    ...FUNCTIONS.map((name) => `SlackConnectInvites-${name}`),
    '/aws/vendedlogs/http-api/SlackConnectInvites',
    ...['invites', 'events'].flatMap((machine) => [
      `SlackConnectInvites-${machine}`,
      `/aws/vendedlogs/states/SlackConnectInvites-${machine}`,
    ]),
  ];

  test.each([
    ['shipped', shipped],
    ['with jwt', withJwt],
    ['with sources', withSources],
  ])('meets no physical name without that of the stack: %s', (_, template) => {
    const fixed = Object.values(template.Resources).flatMap(({ Type, Properties }) => {
      expect(NAMES).toHaveProperty([Type]);
      return Properties[NAMES[Type] ?? 'no such property'] ?? [];
    });
    expect(fixed.sort()).toEqual(FIXED.sort());
  });

  test.each([
    ['shipped', shipped, {}],
    ['with sources', withSources, WITH_SOURCES],
  ])('differs by its name only: %s', async (_, first, context) => {
    const second = await templateOf({ ...context, 'slackConnectInvites.stackName': 'Second' });
    const renamed = JSON.stringify(second).replaceAll('Second', 'SlackConnectInvites');
    expect(JSON.parse(renamed).Outputs).toEqual(first.Outputs);
    // A version's logical id ends in a hash of all that the version is made of.
    const ids = (template: Template) =>
      Object.keys(template.Resources).map((id) => id.replace(/(CurrentVersion.{8}).{32}$/, '$1'));
    expect(ids(second)).toEqual(ids(first));
    expect(JSON.stringify(second)).not.toContain('SlackConnectInvites');
  });
});

describe('what is there already', () => {
  const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/Restored';

  test('is adopted: a table, and the secrets of the HR sources', async () => {
    const adopting = await templateOf({
      ...WITH_SOURCES,
      'slackConnectInvites.tableArn': TABLE_ARN,
      'slackConnectInvites.webhookSecretArn': SECRET_ARN.replace('bot-token', 'webhooks'),
      'slackConnectInvites.lookupSecretArn': SECRET_ARN.replace('bot-token', 'lookups'),
    });
    expect(resources(adopting, 'AWS::DynamoDB::Table')).toEqual([]);
    expect(resources(adopting, 'AWS::SecretsManager::Secret').map(pathOf)).toEqual([
      'slack-token/secret',
    ]);
    expect(adopting.Outputs).toMatchObject({
      TableName: { Value: 'Restored' },
      WebhookSecretArn: { Value: SECRET_ARN.replace('bot-token', 'webhooks') },
      LookupSecretArn: { Value: SECRET_ARN.replace('bot-token', 'lookups') },
    });
    const text = JSON.stringify(resources(adopting, 'AWS::IAM::Role'));
    expect(text).toContain(`"Resource":"${TABLE_ARN}"`);
  });

  test('such as a domain leads to the API, whose own address may be off', async () => {
    const certificate = 'arn:aws:acm:eu-central-1:111122223333:certificate/abc-1';
    const own = await templateOf({
      'slackConnectInvites.domainName': 'invites.acme.example',
      'slackConnectInvites.certificateArn': certificate,
      'slackConnectInvites.defaultEndpoint': 'false',
    });
    expect(only(resources(own, 'AWS::ApiGatewayV2::DomainName')).Properties).toMatchObject({
      DomainName: 'invites.acme.example',
      DomainNameConfigurations: [{ CertificateArn: certificate, EndpointType: 'REGIONAL' }],
    });
    expect(resources(own, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
    expect(only(resources(own, 'AWS::ApiGatewayV2::Api')).Properties).toMatchObject({
      DisableExecuteApiEndpoint: true,
    });
    expect(own.Outputs.ApiUrl).toMatchObject({ Value: 'https://invites.acme.example' });
    expect(own.Outputs).toHaveProperty('DomainTarget');
  });
});

test('concurrency is reserved for the functions that the configuration names, and for no other', async () => {
  const context = { 'slackConnectInvites.reservedConcurrency': '{"hr-webhook": 20}' };
  const reserved = (template: Template) =>
    resources(template, 'AWS::Lambda::Function').flatMap((resource) => {
      const { ReservedConcurrentExecutions: count } = resource.Properties;
      return count === undefined ? [] : [[pathOf(resource), count]];
    });
  expect(reserved(shipped)).toEqual([]);
  expect(reserved(await templateOf(context))).toEqual([['hr/hr-webhook', 20]]);
});

test('every resource that can have tags has that of the stack', () => {
  const tagged = [
    'AWS::ApiGatewayV2::Api',
    'AWS::ApiGatewayV2::Stage',
    'AWS::DynamoDB::Table',
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::SecretsManager::Secret',
    'AWS::StepFunctions::StateMachine',
  ];
  for (const resource of tagged.flatMap((type) => resources(withSources, type))) {
    const { Tags } = resource.Properties;
    const list = Array.isArray(Tags)
      ? Tags
      : Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
    expect(list, resource.Type).toContainEqual(TAG);
  }
});
