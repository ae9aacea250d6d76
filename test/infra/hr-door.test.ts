import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEPLOYMENT_FILE } from '../../functions/lambda/environment.ts';
import {
  bundledAssembly,
  pathOf,
  type Resource,
  resources,
  templateIn,
  templateOf,
} from '../support/assemblies.ts';
import { SOURCES as BUNDLED_SOURCES } from '../support/sources.ts';
import { SECRET_ARN, WITH_SOURCES } from './configurations.ts';

const without = await templateOf();
const template = await templateOf(WITH_SOURCES);

const FUNCTIONS = ['hr-webhook', 'hr-invite'] as const;

type Stage = Resource & { DependsOn: string[] };

/** A resource of the HR door, by where it stands in it. */
const hr = (path: string): Resource => {
  const found = Object.values(template.Resources).find(
    (resource) => pathOf(resource) === `hr/${path}`,
  );
  if (!found) throw new Error(`nothing stands at hr/${path}`);
  return found;
};
const idsAt = (path: string) =>
  Object.keys(template.Resources).filter((id) => pathOf(template.Resources[id]) === path);

describe('without sources', () => {
  test('there is nothing of the HR door: no function, secret, state machine or route', () => {
    expect(JSON.stringify(without)).not.toMatch(/hr-|webhook|-events/i);
    expect(resources(without, 'AWS::SecretsManager::Secret')).toHaveLength(1);
    expect(resources(without, 'AWS::StepFunctions::StateMachine')).toHaveLength(1);
  });

  test('an empty object is the same as none', async () => {
    const empty = await templateOf({ 'slackConnectInvites.sources': '{}' });
    expect(empty).toEqual(without);
  });
});

describe('with sources', () => {
  test('nothing changes of what there was', () => {
    expect(template).toMatchObject(without);
  });

  test('there are two functions more, a state machine, a secret and two routes', () => {
    const more = Object.keys(template.Resources).filter((id) => !(id in without.Resources));
    const types = more.map((id) => template.Resources[id]?.Type);
    const count = (type: string) => types.filter((one) => one === type).length;
    expect(
      Object.fromEntries([...new Set(types)].map((type) => [type, count(type ?? '')])),
    ).toEqual({
      'AWS::ApiGatewayV2::Integration': 1,
      'AWS::ApiGatewayV2::Route': 2,
      'AWS::Lambda::Permission': 2,
      'AWS::Lambda::Function': 2,
      'AWS::Lambda::Version': 2,
      'AWS::Lambda::Alias': 2,
      'AWS::Logs::LogGroup': 3,
      'AWS::IAM::Role': 3,
      'AWS::SecretsManager::Secret': 1,
      'AWS::StepFunctions::StateMachine': 1,
    });
  });

  test('every log group of theirs forgets after the configured days', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.logRetentionDays': '30' };
    const groups = resources(await templateOf(context), 'AWS::Logs::LogGroup');
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual(
      Array.from({ length: 8 }, () => 30),
    );
  });
});

describe('the routes', () => {
  const [id = ''] = idsAt('hr/hr-webhook/alias');

  test('lead to the function, which the gateway may call for them only', () => {
    const routes = resources(template, 'AWS::ApiGatewayV2::Route').filter(({ Properties }) =>
      Properties.RouteKey.endsWith(' /webhooks/{source}'),
    );
    const targets = routes.map(({ Properties }) => Properties.Target['Fn::Join'][1][1].Ref);
    expect(new Set(targets).size).toBe(1);
    expect(template.Resources[targets[0]]?.Properties).toMatchObject({
      IntegrationUri: { Ref: id },
      PayloadFormatVersion: '2.0',
    });

    const permitted = resources(template, 'AWS::Lambda::Permission')
      .filter(({ Properties }) => Properties.FunctionName.Ref === id)
      .map(({ Properties }) => Properties.SourceArn['Fn::Join'][1].at(-1));
    expect(permitted).toEqual(['/*/*/webhooks/{source}', '/*/*/webhooks/{source}']);
  });

  test('have a throttle of their own, above what HR systems send at once, once they are there', () => {
    const [stage] = resources(template, 'AWS::ApiGatewayV2::Stage') as [Stage];
    const [key, settings] = Object.entries(stage.Properties.RouteSettings)[0] ?? [];
    expect(key).toBe('POST /webhooks/{source}');
    expect(settings).toMatchObject({ ThrottlingBurstLimit: 300, ThrottlingRateLimit: 50 });
    const routes = Object.entries(template.Resources).filter(
      ([, { Properties }]) => Properties.RouteKey === key,
    );
    expect(stage.DependsOn).toEqual(expect.arrayContaining(routes.map(([id]) => id)));
  });
});

describe('the functions', () => {
  test.each(FUNCTIONS)('%s has exactly the agreed environment', (door) => {
    expect(hr(door).Properties.Environment.Variables).toEqual({
      STACK_NAME: 'SlackConnectInvites',
      FUNCTION: door,
      TABLE_NAME: { Ref: idsAt('ledger')[0] },
      WEBHOOK_SECRET_ARN: { Ref: idsAt('hr/webhook-secrets')[0] },
      CONFIG: '{"ratePerMinute":20,"burst":5,"retentionDays":400}',
      ...(door === 'hr-webhook' && { WORKFLOW_ARN: { 'Fn::Join': expect.anything() } }),
    });
  });

  test.each(FUNCTIONS)('%s runs on Node 24 and arm64, traced, with JSON logs', (door) => {
    expect(hr(door).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' },
    });
  });

  test('the door has more processor, since HR systems wait 3 seconds for a cold start too', () => {
    expect(FUNCTIONS.map((door) => hr(door).Properties.MemorySize)).toEqual([1024, 512]);
  });

  test('end what they began: the door after 10 s, and the other after a lookup of 5 s', () => {
    expect(FUNCTIONS.map((door) => hr(door).Properties.Timeout)).toEqual([10, 20]);
  });

  test('have the sources beside their code, and no others do', async () => {
    const directory = await bundledAssembly();
    const found = resources(templateIn(directory), 'AWS::Lambda::Function').map((resource) => {
      const code = `${directory}/${resource.Metadata?.['aws:asset:path']}`;
      const { sources } = JSON.parse(readFileSync(`${code}/${DEPLOYMENT_FILE}`, 'utf8'));
      return [pathOf(resource), sources];
    });
    expect(Object.fromEntries(found)).toEqual({
      'invite-api': undefined,
      'invite-task': undefined,
      'lane-ticket': undefined,
      'hr/hr-webhook': BUNDLED_SOURCES,
      'hr/hr-invite': BUNDLED_SOURCES,
    });
  });
});

describe('the secret of the sources', () => {
  test('is made with a random value, which verifies nothing', () => {
    expect(hr('webhook-secrets').Properties).toEqual({
      Description: expect.any(String),
      GenerateSecretString: {},
    });
  });

  test('stays when the last source goes, since some HR systems show a key once', () => {
    expect(hr('webhook-secrets')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is told to the operator', () => {
    expect(template.Outputs).toMatchObject({
      WebhookSecretArn: { Value: { Ref: idsAt('hr/webhook-secrets')[0] } },
    });
    expect(Object.keys(template.Outputs).sort()).toEqual(
      [...Object.keys(without.Outputs), 'WebhookSecretArn'].sort(),
    );
  });

  test('is one of the stack’s own, also beside an existing one with the token', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.secretArn': SECRET_ARN };
    const secrets = resources(await templateOf(context), 'AWS::SecretsManager::Secret');
    expect(secrets.map(pathOf)).toEqual(['hr/webhook-secrets']);
  });
});
