import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DEPLOYMENT_FILE } from '../../functions/lambda/environment.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { deploymentOf } from '../../infra/config/deployment.ts';
import { loadConfig } from '../../infra/config/load.ts';
import {
  bundledAssembly,
  pathOf,
  type Resource,
  resources,
  type Template,
  templateIn,
  templateOf,
} from '../support/assemblies.ts';
import { SOURCES as BUNDLED_SOURCES } from '../support/sources.ts';
import { SECRET_ARN, SOURCES, WITH_SOURCES } from './configurations.ts';

const without = await templateOf();
const template = await templateOf(WITH_SOURCES);

const FUNCTIONS = ['hr-webhook', 'hr-invite'] as const;

/** Without the hash in the id of a version. */
const unversioned = (resource: Resource | undefined) =>
  JSON.parse(JSON.stringify(resource ?? null).replace(/(CurrentVersion.{8})[0-9a-f]{32}/g, '$1'));

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

/** What the template has more with sources, by type. */
const COMES_AND_GOES = {
  'AWS::ApiGatewayV2::Integration': 1,
  'AWS::ApiGatewayV2::Route': 2,
  'AWS::Lambda::Permission': 2,
  'AWS::SecretsManager::Secret': 2,
};
// A version's logical id ends in a hash of all that the version is made of.
const idOf = (id: string) => id.replace(/(CurrentVersion.{8}).{32}$/, '$1');
const byId = ({ Resources }: Template) =>
  new Map(Object.entries(Resources).map(([id, resource]) => [idOf(id), resource]));

describe('sources that come, go, and come again', () => {
  test('leave functions, roles and the state machine where they are', () => {
    const [all, few] = [byId(template), byId(without)];
    for (const id of few.keys()) expect([...all.keys()]).toContain(id);
    const types = [...all].flatMap(([id, { Type }]) => (few.has(id) ? [] : [Type]));
    const count = (type: string) => types.filter((one) => one === type).length;
    expect(Object.fromEntries([...new Set(types)].map((type) => [type, count(type)]))).toEqual(
      COMES_AND_GOES,
    );
  });

  test('change two functions, which learn of the secrets, and nothing else that there was', () => {
    const [all, few] = [byId(template), byId(without)];
    const changed = [...few].flatMap(([id, resource]) =>
      isDeepStrictEqual(unversioned(all.get(id)), unversioned(resource)) ? [] : [pathOf(resource)],
    );
    expect(changed).toEqual([
      'hr/hr-webhook-role',
      'hr/hr-webhook',
      'hr/hr-invite-role',
      'hr/hr-invite',
    ]);
  });

  test('leave no setting of a route behind: the stage has none for theirs', () => {
    const keys = ({ Resources }: Template) =>
      Object.values(Resources).flatMap(({ Properties }) => Properties?.RouteKey ?? []);
    for (const one of [template, without]) {
      const [stage] = resources(one, 'AWS::ApiGatewayV2::Stage') as [Resource];
      for (const key of Object.keys(stage.Properties.RouteSettings)) {
        expect(keys(without)).toContain(key);
      }
    }
  });

  test('make the same template again', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.ratePerMinute': '20' };
    expect(await templateOf(context)).toEqual(template);
  });

  test('an empty object is the same as none', async () => {
    const empty = await templateOf({ 'slackConnectInvites.sources': '{}' });
    expect(empty).toEqual(without);
  });
});

describe('a door that is closed', () => {
  test('has no routes, and everything else as before', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.webhooks': '{"closed": true}' };
    const closed = await templateOf(context);
    const gone = [...byId(template)].filter(([id]) => !byId(closed).has(id));
    expect([...new Set(gone.map(([, { Type }]) => Type))].sort()).toEqual([
      'AWS::ApiGatewayV2::Integration',
      'AWS::ApiGatewayV2::Route',
      'AWS::Lambda::Permission',
    ]);
  });

  test('to one source is as if it did not have it, while its events go on', () => {
    const [greenhouse, bamboo] = [SOURCES.greenhouse, SOURCES['acme-bamboo']] as [
      HrSource,
      HrSource,
    ];
    const config = loadConfig({
      slackConnectInvites: {
        channels: { C0PARTNER01: {} },
        sources: { greenhouse: { ...greenhouse, closed: true }, 'acme-bamboo': bamboo },
      },
    });
    const sourcesOf = (name: 'hr-webhook' | 'hr-invite') =>
      Object.keys(deploymentOf(name, config).sources ?? {});
    expect(sourcesOf('hr-webhook')).toEqual(['acme-bamboo']);
    expect(sourcesOf('hr-invite')).toEqual(['greenhouse', 'acme-bamboo']);
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
});

describe('the functions', () => {
  /** Each reads its own: who verifies deliveries has no credential of the HR system. */
  const SECRETS = {
    'hr-webhook': { WEBHOOK_SECRET_ARN: { Ref: idsAt('hr/webhook-secrets')[0] } },
    'hr-invite': { LOOKUP_SECRET_ARN: { Ref: idsAt('hr/lookup-credentials')[0] } },
  };

  test.each(FUNCTIONS)('%s has exactly the agreed environment', (door) => {
    expect(hr(door).Properties.Environment.Variables).toEqual({
      STACK_NAME: 'SlackConnectInvites',
      FUNCTION: door,
      TABLE_NAME: { Ref: idsAt('ledger')[0] },
      ...SECRETS[door],
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
      'invite-turn': undefined,
      'lane-ticket': undefined,
      'hr/hr-webhook': BUNDLED_SOURCES,
      'hr/hr-invite': BUNDLED_SOURCES,
    });
  });
});

describe.each([
  ['webhook-secrets', 'WebhookSecretArn'],
  ['lookup-credentials', 'LookupSecretArn'],
] as const)('the secret %s of the sources', (id, output) => {
  test('is made with a random value, which verifies nothing', () => {
    expect(hr(id).Properties).toMatchObject({
      Description: expect.any(String),
      GenerateSecretString: {},
    });
  });

  test('stays when the last source goes, since some HR systems show a key once', () => {
    expect(hr(id)).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is told to the operator', () => {
    expect(template.Outputs).toMatchObject({ [output]: { Value: { Ref: idsAt(`hr/${id}`)[0] } } });
    expect(without.Outputs).not.toHaveProperty(output);
  });

  test('is one of the stack’s own, also beside an existing one with the token', async () => {
    const context = { ...WITH_SOURCES, 'slackConnectInvites.secretArn': SECRET_ARN };
    const secrets = resources(await templateOf(context), 'AWS::SecretsManager::Secret');
    expect(secrets.map(pathOf)).toEqual(['hr/webhook-secrets', 'hr/lookup-credentials']);
  });
});
