import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { expect, onTestFinished, test } from 'vitest';
import { StackAlarm } from '../../infra/constructs/stack-alarm.ts';
import { type AlarmRow, alarmRows } from '../../infra/observability/alarms.ts';
import { anchorsOf, read } from '../docs/markdown.ts';
import { resources, templateOf } from '../support/assemblies.ts';
import { WITH_SOURCES } from './configurations.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:people-on-call';
const withTopic = (observability: object) => ({
  ...WITH_SOURCES,
  'slackConnectInvites.observability': JSON.stringify(observability),
});
const rows = alarmRows({
  stack: 'SlackConnectInvites',
  functions: ['invite-api', 'hr-webhook'],
  logGroups: ['one', 'two'],
  longestWaitHours: 6,
});

const ofType = async (context: Record<string, string>, type: string) =>
  resources(await templateOf(context), type).map(({ Properties }) => Properties);

test('there are at most 12 alarms, and each tells the topic of the configuration', async () => {
  const alarms = await ofType(withTopic({ alarmTopicArn: TOPIC }), 'AWS::CloudWatch::Alarm');
  expect(alarms.length).toBeLessThanOrEqual(12);
  expect(alarms.map(({ AlarmName }) => AlarmName).toSorted()).toEqual(
    Object.keys(rows)
      .map((name) => `SlackConnectInvites-${name}`)
      .toSorted(),
  );
  for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([TOPIC]);
});

test('each says who is hurt and where it is written what to do', async () => {
  const alarms = await ofType(withTopic({ alarmTopicArn: TOPIC }), 'AWS::CloudWatch::Alarm');
  for (const { AlarmName, AlarmDescription } of alarms) {
    const row = rows[String(AlarmName).replace('SlackConnectInvites-', '')] as AlarmRow;
    expect(AlarmDescription).toContain(row.impact);
    expect(AlarmDescription).toContain(`docs/runbook.md#${row.runbook}`);
  }
});

test('the runbook has a heading for each alarm, and no other', () => {
  const [, ...headings] = anchorsOf(read('docs/runbook.md'));
  expect(headings.toSorted()).toEqual(
    Object.values(rows)
      .map(({ runbook }) => runbook)
      .toSorted(),
  );
});

test.each(['impact', 'runbook'] as const)('no alarm is made without %s', (field) => {
  const [row] = Object.values(rows);
  const without = { ...(row as AlarmRow), [field]: ' ' };
  expect(() => new StackAlarm(new Stack(), 'an-alarm', without)).toThrow(
    `The alarm an-alarm has no ${field}`,
  );
});

test.each([
  {},
  { dashboard: true },
  { alarmTopicArn: TOPIC, alarmEmail: 'on-call@acme.example' },
  { alarmTopicArn: 'people-on-call' },
  { alarmEmail: 'nobody' },
])('%o is refused with what is allowed', async (observability) => {
  await expect(templateOf(withTopic(observability))).rejects.toThrow(
    /observability.*(alarmTopicArn or alarmEmail|SNS topic|e-mail address)/,
  );
});

test('all thresholds say what silence means', async () => {
  const alarms = await ofType(withTopic({ alarmTopicArn: TOPIC }), 'AWS::CloudWatch::Alarm');
  for (const { TreatMissingData } of alarms) {
    expect(['notBreaching', 'breaching']).toContain(TreatMissingData);
  }
});

test('an address gets a topic and a subscription of its own', async () => {
  const context = withTopic({ alarmEmail: 'on-call@acme.example' });
  const subscriptions = await ofType(context, 'AWS::SNS::Subscription');
  expect(subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: 'on-call@acme.example' }]);
  const [topic] = await ofType(context, 'AWS::SNS::TopicPolicy');
  expect(JSON.stringify(topic)).toContain('cloudwatch.amazonaws.com');
});

test('there are two dashboards, unless they are not wanted', async () => {
  const bodies = await ofType(withTopic({ alarmTopicArn: TOPIC }), 'AWS::CloudWatch::Dashboard');
  expect(bodies.map(({ DashboardName }) => DashboardName).toSorted()).toEqual([
    'SlackConnectInvites-engineers',
    'SlackConnectInvites-people',
  ]);
  const none = withTopic({ alarmTopicArn: TOPIC, dashboard: false });
  expect(await ofType(none, 'AWS::CloudWatch::Dashboard')).toEqual([]);
});

test('without the key there is nothing, and synth says that nobody is woken', async () => {
  expect(await ofType(WITH_SOURCES, 'AWS::CloudWatch::Alarm')).toEqual([]);
  const directory = mkdtempSync(join(tmpdir(), 'unwatched-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const { stderr } = await promisify(execFile)(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, CDK_OUTDIR: directory },
  });
  const told = stderr.split('\n').filter((line) => line.includes('nobody will be woken'));
  expect(told).toEqual([
    'slackConnectInvites.observability is not set: nobody will be woken when somebody is harmed (docs/configuration.md)',
  ]);
});
