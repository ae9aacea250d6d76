import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { codeVersion } from '../config/code-version.ts';
import { found, type Reported, sound } from './findings.ts';
import { outputOf, type Stack } from './stack.ts';

/** The alarms of the stack, and whether what they send reaches somebody. */
export const checkAlarms = async ({ name, isLocal, aws }: Stack): Promise<Reported[]> => {
  if (isLocal) {
    return [found('alarms_unseen', { reason: 'On this machine, alarms wake nobody.' })];
  }
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${name}-`, MaxRecords: 100 });
  const { MetricAlarms = [] } = await aws.cloudWatch.send(command);
  if (MetricAlarms.length === 0) return [found('alarms_none')];
  const topics = [...new Set(MetricAlarms.flatMap(({ AlarmActions = [] }) => AlarmActions))];
  const deaf = await Promise.all(
    topics.map(async (topic) => ((await isHeard(aws, topic)) ? [] : [topic])),
  );
  const reported = [
    ...MetricAlarms.flatMap(alarmProblems),
    ...deaf.flat().map((topic) => found('alarms_unconfirmed', { topic })),
  ];
  const wake = `${MetricAlarms.length}, which tell ${topics.length} topics`;
  return reported.length > 0 ? reported : [sound('alarms', wake)];
};

const alarmProblems = ({
  AlarmName: alarm = '',
  ActionsEnabled,
  AlarmActions = [],
  StateValue,
  StateUpdatedTimestamp,
}: MetricAlarm): Reported[] => [
  ...(AlarmActions.length === 0 ? [found('alarms_unconnected', { alarm })] : []),
  ...(ActionsEnabled === false ? [found('alarms_off', { alarm })] : []),
  ...(StateValue === 'ALARM'
    ? [found('alarms_raised', { alarm, since: StateUpdatedTimestamp?.toISOString() ?? '' })]
    : []),
];

/** Whether a topic has a subscription that was confirmed; what is not a topic is taken as heard. */
const isHeard = async (aws: Stack['aws'], topic: string): Promise<boolean> => {
  if (!topic.includes(':sns:')) return true;
  const { Subscriptions = [] } = await aws.sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: topic }),
  );
  return Subscriptions.some(({ SubscriptionArn }) => SubscriptionArn?.startsWith('arn:'));
};

/** HTTP's Date header has whole seconds, and an answer takes a moment. */
const MOST_SKEW_S = 30;

/** This machine's clock against that of the HTTP API, which says its own in every answer. */
export const checkClock = async (
  stack: Stack,
  now: () => number = Date.now,
): Promise<Reported[]> => {
  const response = await fetch(outputOf(stack, 'ApiUrl'), {
    method: 'HEAD',
    signal: AbortSignal.timeout(5_000),
  });
  const theirs = Date.parse(response.headers.get('date') ?? '');
  const seconds = Math.round((now() - theirs) / 1000);
  return [
    Math.abs(seconds) > MOST_SKEW_S
      ? found('clock_skewed', { seconds })
      : sound('clock', `within ${MOST_SKEW_S} s of the stack's`),
  ];
};

/** The code that a deploy of this checkout would bring, against the deployed one. */
export const checkVersions = async ({ outputs }: Stack): Promise<Reported[]> => {
  const { CodeVersion: deployed } = outputs;
  const checkout = codeVersion();
  if (deployed === undefined) return [found('code_unknown')];
  return [
    deployed === checkout
      ? sound('versions', checkout)
      : found('code_differs', { deployed, checkout }),
  ];
};
