import { expect, test } from 'vitest';
import { loadConfig } from '../../infra/config/load.ts';
import { pathOf, resources, templateOf } from '../support/assemblies.ts';
import { SECRET_ARN, WITH_SOURCES } from './configurations.ts';

const shipped = await templateOf();
const following = await templateOf({ 'slackConnectInvites.lifecycle': 'true' });

const paths = (template: typeof shipped, type: string) => resources(template, type).map(pathOf);

test('without lifecycle there is no door for events, no secret for it, and no function is told anything', async () => {
  const off = await templateOf({ 'slackConnectInvites.lifecycle': 'false' });
  expect(off).toEqual(shipped);
  expect(JSON.stringify(shipped)).not.toMatch(
    /slack-events|slack\/events|signing-secret|SIGNING|remindBeforeDays/,
  );
});

test('with lifecycle, POST /slack/events is open, since the function verifies, and only that', () => {
  const routes = resources(following, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => [
    Properties.RouteKey,
    Properties.AuthorizationType,
  ]);
  expect(routes).toContainEqual(['POST /slack/events', 'NONE']);
  expect(routes.filter(([key]) => String(key).includes('/slack/'))).toHaveLength(1);
});

test('its function has a secret of its own, its items of the table, and neither the token nor a workflow', () => {
  const role = resources(following, 'AWS::IAM::Role').find(
    (one) => pathOf(one) === 'slack-events-door/slack-events-role',
  );
  const [{ PolicyDocument }] = role?.Properties.Policies ?? [];
  const statements: Record<string, { Action: unknown; Resource: unknown; Condition?: unknown }> =
    Object.fromEntries(PolicyDocument.Statement.map((one: { Sid: string }) => [one.Sid, one]));
  expect(Object.keys(statements)).toEqual([
    'WriteOwnLogs',
    'UseTable',
    'ReadSigningSecrets',
    'TellOthers',
    'SendTraces',
  ]);
  expect(statements.UseTable).toMatchObject({
    Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    Condition: {
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': ['invite#*', 'slack#*', 'channel#*', 'gate#*'],
      },
    },
  });
  expect(paths(following, 'AWS::SecretsManager::Secret')).toContain(
    'slack-events-door/signing-secrets',
  );
  expect(following.Outputs.SigningSecretArn).toBeDefined();
});

test('the doors may write pointers, and know how to follow; the lane does not need to', () => {
  for (const name of ['invite-api', 'invite-task', 'invite-turn']) {
    const role = resources(following, 'AWS::IAM::Role').find(
      (one) => pathOf(one) === `${name}-role`,
    );
    expect(JSON.stringify(role)).toContain('"slack#*"');
  }
  const configs = resources(following, 'AWS::Lambda::Function').map(
    ({ Properties }) => JSON.parse(Properties.Environment.Variables.CONFIG).lifecycle,
  );
  expect(new Set(configs.map((one) => JSON.stringify(one)))).toEqual(
    new Set(['{"remindBeforeDays":3,"resendOnExpiry":false}']),
  );
});

test('those that change an invite, and nobody else, tell others on the default bus', () => {
  const telling = resources(following, 'AWS::IAM::Role').filter((one) =>
    JSON.stringify(one).includes('events:PutEvents'),
  );
  expect(telling.map(pathOf)).toEqual([
    'invite-api-role',
    'invite-task-role',
    'invite-turn-role',
    'sweep-role',
    'slack-events-door/slack-events-role',
  ]);
});

test('the sweep gets the policy, and reads grants, only to send again', async () => {
  const again = await templateOf({ 'slackConnectInvites.lifecycle': '{"resendOnExpiry":true}' });
  const sweepRole = (template: typeof shipped) =>
    JSON.stringify(
      resources(template, 'AWS::IAM::Role').find((one) => pathOf(one) === 'sweep-role'),
    );
  expect(sweepRole(following)).not.toMatch(/grant#|gate#/);
  expect(sweepRole(again)).toMatch(/grant#.*|gate#/);
});

test('a key that is misspelled is refused, with the one that was meant', () => {
  const context = { slackConnectInvites: { lifecycle: { remindBeforDays: 1 } } };
  expect(() => loadConfig(context)).toThrow(
    'slackConnectInvites.lifecycle.remindBeforDays: unknown key; did you mean "remindBeforeDays"?',
  );
});

test('a secret that is there already is adopted', async () => {
  const template = await templateOf({
    'slackConnectInvites.lifecycle': JSON.stringify({ signingSecretArn: SECRET_ARN }),
  });
  expect(paths(template, 'AWS::SecretsManager::Secret')).toEqual(
    paths(shipped, 'AWS::SecretsManager::Secret'),
  );
  const door = resources(template, 'AWS::Lambda::Function').find(
    (one) => pathOf(one) === 'slack-events-door/slack-events',
  );
  expect(door?.Properties.Environment.Variables.SIGNING_SECRET_ARN).toBe(SECRET_ARN);
});

test('it stands beside the door of HR systems, whose function may then read the changes of ids', async () => {
  const template = await templateOf({ ...WITH_SOURCES, 'slackConnectInvites.lifecycle': 'true' });
  const role = resources(template, 'AWS::IAM::Role').find(
    (one) => pathOf(one) === 'hr/hr-invite-role',
  );
  expect(JSON.stringify(role)).toContain('"gate#*"');
});
