import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { alarmRows, type StackParts } from '../observability/alarms.ts';
import { dashboardBody, dashboards } from '../observability/dashboards.ts';
import { StackAlarm } from './stack-alarm.ts';

export interface ObservabilityProps {
  observability: NonNullable<Config['observability']>;
  parts: StackParts;
}

/** Who is woken, and two dashboards. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, { observability, parts }: ObservabilityProps) {
    super(scope, id);
    const topic = alarmTopic(this, observability);
    const action = new SnsAction(topic);
    for (const [name, row] of Object.entries(alarmRows(parts))) {
      new StackAlarm(this, name, row).addAlarmAction(action);
    }
    if (!observability.dashboard) return;
    const stack = Stack.of(this);
    const machineArn = (name: string) =>
      stack.formatArn({
        service: 'states',
        resource: 'stateMachine',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    for (const [name, dashboard] of Object.entries(dashboards(parts, machineArn))) {
      new cloudwatch.CfnDashboard(this, `${name}-dashboard`, {
        dashboardName: `${stack.stackName}-${name}`,
        dashboardBody: stack.toJsonString(dashboardBody(dashboard, stack.region, parts.logGroups)),
      });
    }
  }
}

/** The topic that the configuration names, or one of the stack's own for an address. */
const alarmTopic = (
  scope: Construct,
  { alarmTopicArn, alarmEmail }: ObservabilityProps['observability'],
): sns.ITopic => {
  if (alarmTopicArn) return sns.Topic.fromTopicArn(scope, 'topic', alarmTopicArn);
  const topic = new sns.Topic(scope, 'topic', { enforceSSL: true });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  return topic;
};
