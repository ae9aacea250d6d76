import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../functions/aws/bus.ts';
import { DUE_INDEX } from '../../functions/aws/table.ts';
import { SWEEP_MINUTES } from '../../functions/lib/times.ts';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Ledger } from './ledger-table.ts';
import { waitingStateMachines } from './waiting.ts';
import type { WorkflowArns } from './workflow-arns.ts';

export interface SweepFunctionProps {
  config: Config;
  table: Ledger;
  workflow: WorkflowArns;
  eventsWorkflow: WorkflowArns;
}

/** Every few minutes: starts what was accepted and has nobody at work on it. */
export class SweepFunction extends BundledFunction {
  constructor(scope: Construct, name: 'sweep', props: SweepFunctionProps) {
    const sendsAgain = props.config.lifecycle?.resendOnExpiry === true;
    const reportsTo = waitingStateMachines(scope, props.config);
    super(scope, name, {
      ...props,
      description: 'Starts what was accepted and has nobody at work on it',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      // To send again, it has to know the changes of channels' ids.
      tableKeys: [
        'event#*',
        'invite#*',
        'heard#*',
        ...(sendsAgain ? ['gate#*'] : []),
        ...(reportsTo ? ['wait#*'] : []),
      ],
      reportsTo,
      readsBlock: true,
      readsGrants: sendsAgain,
      tells: props.config.lifecycle !== undefined,
      tableIndex: DUE_INDEX,
      memorySize: 256,
    });

    const rule = new Rule(scope, `${name}-schedule`, {
      description: 'The sweep of the stack',
      schedule: Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
      targets: [{ bind: () => ({ arn: this.live.functionArn }) }],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'Its events say nothing but that it is time, and the next one comes in minutes.',
    });
    // The CDK's own target would name the permission after the stack.
    this.live.addPermission('schedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.ruleArn,
    });
    if (!reportsTo) return;

    const news = new Rule(scope, `${name}-news`, {
      description: 'What becomes of an invite, for the state machines that wait for it',
      eventPattern: { source: [EVENT_SOURCE] },
      targets: [{ bind: () => ({ arn: this.live.functionArn }) }],
    });
    Validations.of(news).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason:
        'EventBridge tries for a day, and a state machine that waits has a time-out of its own.',
    });
    this.live.addPermission('news', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: news.ruleArn,
    });
  }
}
