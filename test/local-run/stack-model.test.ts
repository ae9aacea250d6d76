import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { localOutputs } from '../../infra/local/cloudformation/describe-stacks.ts';
import { readStack } from '../../infra/local/stack-model.ts';
import { synthesize } from '../../infra/synth.ts';
import { type Template, template, writeAssembly } from '../support/local-assembly.ts';

function read(change: (resources: Template, whole: Template) => void = () => {}) {
  const content = template();
  change(content.Resources, content);
  const directory = writeAssembly(content);
  try {
    return readStack(directory, 'Stack');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('read from a template', () => {
  test('a function has its code, its limits, its environment and its role', () => {
    const [model] = read().functions;
    expect(model).toMatchObject({
      name: 'Stack-door',
      folder: 'door',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:Stack-door',
      codeDir: expect.stringMatching(/^\/.*asset\.code$/),
      timeoutMs: 10_000,
      memoryMb: 128,
      role: { name: 'Stack-role', arn: 'arn:aws:iam::000000000000:role/Stack-role' },
    });
    expect(model?.environment).toEqual({
      TABLE_NAME: 'Stack-ledger',
      SECRET_ARN: expect.stringMatching(
        /^arn:aws:secretsmanager:us-east-1:000000000000:secret:Stack-token-[a-z0-9]{6}$/,
      ),
    });
  });

  test("a route has its function and its authorization, and the function's permission fits it", () => {
    const { api } = read();
    expect(api.routes).toEqual([
      {
        routeKey: 'POST /items',
        authorization: 'AWS_IAM',
        functionName: 'Stack-door',
        timeoutMs: 30_000,
      },
    ]);
    expect(api.permissions[0]?.sourceArn).toBe(
      `arn:aws:execute-api:us-east-1:000000000000:${api.id}/*/*/items`,
    );
  });

  test("a route's integration may have a shorter time-out", () => {
    const { api } = read(({ Integration }) => {
      Integration.Properties.TimeoutInMillis = 5000;
    });
    expect(api.routes[0]?.timeoutMs).toBe(5000);
  });

  test('names and ids are the same at every start', () => {
    const [one, two] = [read(), read()].map(({ api, secrets, tables }) => ({
      api,
      secrets,
      tables,
    }));
    expect(one).toEqual(two);
  });

  test('a secret that the stack only refers to has its name from the ARN', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/slack-token-AbC123';
    const { secrets } = read((resources) => {
      delete resources.Secret;
      resources.Door.Properties.Environment.Variables.SECRET_ARN = arn;
      resources.Role.Properties.Policies[0].PolicyDocument.Statement[2].Resource = arn;
    });
    expect(secrets).toEqual([{ name: 'team/slack-token', arn }]);
  });
});

describe('the start is stopped, and the place is named, by', () => {
  const changes: [string, (resources: Template, whole: Template) => void, RegExp][] = [
    [
      'a type of resource that is not understood',
      (resources) => {
        resources.Queue = { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': 'Stack/q' } };
      },
      /Queue \(AWS::SQS::Queue\): this type of resource/,
    ],
    [
      'a property that would change what happens',
      ({ Door }) => {
        Door.Properties.EphemeralStorage = { Size: 1024 };
      },
      /Door \(AWS::Lambda::Function\), Properties\.EphemeralStorage: this property/,
    ],
    [
      'a property deeper inside',
      ({ Door }) => {
        Door.Properties.Code = { ZipFile: 'exports.handler = 1' };
      },
      /Door .*, Properties\.Code\.ZipFile/,
    ],
    [
      'a value that is not understood',
      ({ Door }) => {
        Door.Properties.Runtime = 'python3.14';
      },
      /Door .*, Properties\.Runtime: "python3\.14" is not understood, only "nodejs24\.x"/,
    ],
    [
      'an intrinsic function that is not understood',
      ({ Door }) => {
        Door.Properties.Handler = { 'Fn::If': ['c', 'a', 'b'] };
      },
      /Door .*, Properties\.Handler: the intrinsic function Fn::If/,
    ],
    [
      'a resource under a condition',
      ({ Table }) => {
        Table.Condition = 'Sometimes';
      },
      /Table .*, Condition/,
    ],
    [
      'a transform',
      (_, whole) => {
        whole.Transform = 'AWS::Serverless-2016-10-31';
      },
      /section Transform/,
    ],
    [
      'a fixed name',
      ({ Table }) => {
        Table.Properties.TableName = 'invites';
      },
      /Table .*, Properties\.TableName/,
    ],
    [
      'a role that Lambda cannot assume',
      ({ Role }) => {
        Role.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service =
          'states.amazonaws.com';
      },
      /Role .*AssumeRolePolicyDocument.*lambda\.amazonaws\.com/,
    ],
    [
      'a managed policy',
      ({ Role }) => {
        Role.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
      },
      /Role .*, Properties\.ManagedPolicyArns/,
    ],
    [
      'a condition in a policy',
      ({ Role }) => {
        Role.Properties.Policies[0].PolicyDocument.Statement[1].Condition = {};
      },
      /Role .*, Properties\.Policies\.0\.Statement\.1\.Condition/,
    ],
    [
      "a role without permission to write the function's logs",
      ({ Role }) => {
        Role.Properties.Policies[0].PolicyDocument.Statement[0].Action = 'logs:CreateLogStream';
      },
      /Door .*, Properties\.Role: Stack-role does not allow logs:PutLogEvents/,
    ],
    [
      'tracing without permission to send traces',
      ({ Door }) => {
        Door.Properties.TracingConfig = { Mode: 'Active' };
      },
      /Door .*, Properties\.Role: Stack-role does not allow xray:PutTraceSegments/,
    ],
    [
      'the log format that Lambda takes without being told',
      ({ Door }) => {
        delete Door.Properties.LoggingConfig.LogFormat;
      },
      /Door .*, Properties\.LoggingConfig\.LogFormat: "Text" is not understood, only "JSON"/,
    ],
    [
      'a local index of a table',
      ({ Table }) => {
        Table.Properties.LocalSecondaryIndexes = [];
      },
      /Table .*, Properties\.LocalSecondaryIndexes: this property/,
    ],
    [
      'code that is not in the assembly',
      ({ Door }) => {
        Door.Properties.Code.S3Key = 'other.zip';
      },
      /Door .*, Properties\.Code\.S3Key: other\.zip/,
    ],
    [
      'a missing construct path',
      ({ Door }) => {
        delete Door.Metadata;
      },
      /Door .*, Metadata.*aws:cdk:enable-path-metadata/,
    ],
    [
      'a second HTTP API',
      (resources) => {
        resources.Api2 = { ...resources.Api, Metadata: { 'aws:cdk:path': 'Stack/api2' } };
      },
      /2 HTTP APIs/,
    ],
    [
      'a stage with a name',
      ({ Stage }) => {
        Stage.Properties.StageName = 'prod';
      },
      /Stage .*, Properties\.StageName: "prod"/,
    ],
    [
      'an integration with something else than a function of the template',
      ({ Integration }) => {
        Integration.Properties.IntegrationUri = 'arn:aws:lambda:us-east-1:1:function:else';
      },
      /Integration .*, Properties\.IntegrationUri: arn:aws:lambda/,
    ],
    [
      'another authorizer than JWT',
      ({ Route }) => {
        Route.Properties.AuthorizationType = 'CUSTOM';
      },
      /Route .*, Properties\.AuthorizationType: CUSTOM/,
    ],
  ];

  test.each(changes)('%s', (_, change, message) => {
    expect(() => read(change)).toThrow(message);
  });

  test('an assembly that is not there, with what to do', () => {
    expect(() => readStack('/nowhere', 'Stack')).toThrow(/synthesize the stack first/);
  });
});

describe("the project's own stack", () => {
  function readOwn(context: Record<string, string> = {}) {
    const outdir = mkdtempSync(join(tmpdir(), 'assembly-'));
    onTestFinished(() => rmSync(outdir, { recursive: true }));
    const { stackName, directory } = synthesize({ outdir, bundling: false, context });
    return readStack(directory, stackName);
  }

  test('is understood as a whole', () => {
    const { functions, api, tables, secrets, stateMachines, outputs } = readOwn();
    expect(functions.map(({ name }) => name)).toEqual([
      'SlackConnectInvites-invite-api',
      'SlackConnectInvites-invite-task',
      'SlackConnectInvites-invite-turn',
      'SlackConnectInvites-lane-ticket',
      'SlackConnectInvites-sweep',
      'SlackConnectInvites-hr-webhook',
      'SlackConnectInvites-hr-invite',
    ]);
    expect(api.routes.map(({ routeKey, authorization }) => [routeKey, authorization])).toEqual([
      ['GET /invites', 'AWS_IAM'],
      ['POST /invites', 'AWS_IAM'],
      ['GET /invites/{id}', 'AWS_IAM'],
      ['DELETE /invites/{id}', 'AWS_IAM'],
    ]);
    expect(tables).toHaveLength(1);
    expect(secrets).toMatchObject([{ description: expect.stringMatching(/^Bot token that/) }]);
    expect(stateMachines.map(({ name }) => name)).toEqual([
      'SlackConnectInvites-invites',
      'SlackConnectInvites-events',
    ]);
    expect(localOutputs(outputs, api.id, 'http://127.0.0.1:3000')).toEqual({
      ApiUrl: 'http://127.0.0.1:3000',
      SecretArn: secrets[0]?.arn,
      TableName: tables[0]?.name,
      InviteTaskArn: functions[1]?.aliases[0],
      WorkflowArn: stateMachines[0]?.arn,
      CodeVersion: expect.stringMatching(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/),
    });
  });

  test('is understood with an adopted table, which begins empty', () => {
    const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Restored';
    const { tables, outputs } = readOwn({ 'slackConnectInvites.tableArn': arn });
    expect(tables).toMatchObject([{ name: 'Restored', partitionKey: 'pk' }]);
    expect(outputs.TableName).toBe('Restored');
  });

  test('is understood with a domain of its own, which leads to this machine', () => {
    const { api, outputs } = readOwn({
      'slackConnectInvites.domainName': 'invites.acme.example',
      'slackConnectInvites.certificateArn': 'arn:aws:acm:us-east-1:123456789012:certificate/a',
      'slackConnectInvites.defaultEndpoint': 'false',
    });
    const local = localOutputs(outputs, api.id, 'http://127.0.0.1:3000');
    expect(local.ApiUrl).toBe('http://127.0.0.1:3000');
  });

  test('is understood with a JWT authorizer and with an existing secret', () => {
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:slack-AbC123';
    const { api, secrets } = readOwn({
      'slackConnectInvites.jwt':
        '{"issuer":"https://login.example.com","audience":["invites"],"scopes":["a"]}',
      'slackConnectInvites.secretArn': arn,
    });
    const jwt = { issuer: 'https://login.example.com', audience: ['invites'], scopes: ['a'] };
    const guarded = { authorization: 'JWT', jwt };
    expect(api.routes).toMatchObject([guarded, guarded, guarded, guarded]);
    expect(secrets).toEqual([{ name: 'slack', arn }]);
  });
});
