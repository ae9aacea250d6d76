import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { BundledFunction } from './bundled-function.ts';

/**
 * All that the workflow may do, written out: call its functions, deliver its logs.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
 */
export class WorkflowRole extends iam.Role {
  constructor(scope: Construct, id: string, functions: BundledFunction[]) {
    const statements = [
      new iam.PolicyStatement({
        sid: 'CallFunctions',
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ live }) => live.functionArn),
      }),
      // An execution calls what its definition named when it began, and lives for days: before there
      // were aliases, that was the function itself.
      new iam.PolicyStatement({
        sid: 'CallFunctionsOfEarlierExecutions',
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
      new iam.PolicyStatement({
        sid: 'DeliverLogs',
        actions: [
          'logs:CreateLogDelivery',
          'logs:GetLogDelivery',
          'logs:UpdateLogDelivery',
          'logs:DeleteLogDelivery',
          'logs:ListLogDeliveries',
          'logs:PutResourcePolicy',
          'logs:DescribeResourcePolicies',
          'logs:DescribeLogGroups',
        ],
        resources: ['*'],
      }),
    ];
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: { workflow: new iam.PolicyDocument({ statements }) },
    });

    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'DeliverLogs: Step Functions needs these actions of CloudWatch Logs on "*", as its documentation says. Log deliveries are not resources that a policy could name.',
    });
  }
}
