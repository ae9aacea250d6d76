import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { LedgerTable } from './ledger-table.ts';
import type { SlackSecret } from './slack-secret.ts';

export interface FunctionRoleProps {
  logGroup: LogGroup;
  table: LedgerTable;
  secret: SlackSecret;
}

/** All that a function may do, written out: its own logs, one table, one secret, traces. */
export class FunctionRole extends iam.Role {
  constructor(scope: Construct, id: string, { logGroup, table, secret }: FunctionRoleProps) {
    const statements = [
      new iam.PolicyStatement({
        sid: 'WriteOwnLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
      new iam.PolicyStatement({
        sid: 'KeepLedgerAndGate',
        actions: [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
        ],
        resources: [table.tableArn],
      }),
      new iam.PolicyStatement({
        sid: 'ReadSlackToken',
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secret.secretArn],
      }),
      new iam.PolicyStatement({
        sid: 'SendTraces',
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    ];
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { function: new iam.PolicyDocument({ statements }) },
    });

    const reason =
      'SendTraces: the two actions of X-Ray that write know no resource-level permissions, so "*" is the only resource they can have.';
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-IAM5[Resource::*]', reason },
      // Names no single finding, unlike the rule above, which goes on watching the others.
      { id: 'Serverless-LambdaStarPermissions', reason },
    );
  }
}
