import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { grantKey } from '../../functions/invites/policy.ts';
import type { Ledger } from './ledger-table.ts';
import type { SlackSecret } from './slack-secret.ts';
import type { WorkflowArns } from './workflow-arns.ts';

/** The parts of the stack that a function works with. It cannot reach any other. */
export interface FunctionParts {
  table: Ledger;
  tableActions: `dynamodb:${string}`[];
  /** Which items, by patterns of their key. Without it, all of them. */
  tableKeys?: string[];
  /** Whether it may read the grants. None may write them. */
  readsGrants?: boolean;
  /** Whether it may read what blocks the queue. */
  readsBlock?: boolean;
  /** An index of the table that it may query. */
  tableIndex?: string;
  /** For calling Slack. */
  secret?: SlackSecret;
  /** The secrets that the HR sources sign with. */
  webhookSecretArn?: string | undefined;
  /** The credentials of the HR sources' lookups. */
  lookupSecretArn?: string | undefined;
  /** What Slack signs events with. */
  signingSecretArn?: string | undefined;
  /** Whether it tells others, on the account's default bus. */
  tells?: boolean | undefined;
  /** The state machines whose tasks it may end, by their tokens. */
  reportsTo?: string[] | undefined;
  /** For starting executions of the workflow and describing them. */
  workflow?: WorkflowArns;
  /** The same for the workflow of events, for a function that works with both. */
  eventsWorkflow?: WorkflowArns;
}

export interface FunctionRoleProps extends FunctionParts {
  logGroup: LogGroup;
}

/** All that a function may do, written out: its own logs, its parts, traces. */
export class FunctionRole extends iam.Role {
  constructor(scope: Construct, id: string, props: FunctionRoleProps) {
    const { logGroup, table, tableActions, tableKeys, tableIndex, readsGrants, readsBlock } = props;
    const { secret, webhookSecretArn, lookupSecretArn, signingSecretArn } = props;
    const workflows = [props.workflow, props.eventsWorkflow].filter((one) => one !== undefined);
    const statements = [
      new iam.PolicyStatement({
        sid: 'WriteOwnLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
      new iam.PolicyStatement({
        sid: 'UseTable',
        actions: tableActions,
        resources: [table.tableArn],
        ...(tableKeys && { conditions: itemsOf(tableKeys) }),
      }),
    ];
    if (readsGrants) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadGrants',
          actions: ['dynamodb:GetItem'],
          resources: [table.tableArn],
          conditions: itemsOf([grantKey('*')]),
        }),
      );
    }
    if (readsBlock) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadBlock',
          actions: ['dynamodb:GetItem'],
          resources: [table.tableArn],
          conditions: itemsOf(['block#*']),
        }),
      );
    }
    if (tableIndex) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'QueryIndex',
          actions: ['dynamodb:Query'],
          resources: [`${table.tableArn}/index/${tableIndex}`],
        }),
      );
    }
    if (secret) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadSlackToken',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret.secretArn],
        }),
      );
    }
    if (webhookSecretArn) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadWebhookSecrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [webhookSecretArn],
        }),
      );
    }
    if (lookupSecretArn) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadLookupCredentials',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [lookupSecretArn],
        }),
      );
    }
    if (signingSecretArn) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReadSigningSecrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [signingSecretArn],
        }),
      );
    }
    if (props.tells) {
      const bus = { service: 'events', resource: 'event-bus', resourceName: 'default' };
      statements.push(
        new iam.PolicyStatement({
          sid: 'TellOthers',
          actions: ['events:PutEvents'],
          resources: [Stack.of(scope).formatArn(bus)],
        }),
      );
    }
    if (props.reportsTo) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'ReportTasks',
          actions: ['states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'],
          resources: props.reportsTo,
        }),
      );
    }
    if (workflows.length > 0) {
      statements.push(
        new iam.PolicyStatement({
          sid: 'StartWorkflow',
          actions: ['states:StartExecution'],
          resources: workflows.map(({ stateMachine }) => stateMachine),
        }),
        new iam.PolicyStatement({
          sid: 'LookAtExecutions',
          actions: ['states:DescribeExecution'],
          resources: workflows.map(({ executions }) => executions),
        }),
      );
    }
    statements.push(
      new iam.PolicyStatement({
        sid: 'SendTraces',
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    );
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { function: new iam.PolicyDocument({ statements }) },
    });

    for (const { name } of workflows) {
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
        reason:
          'LookAtExecutions: the executions of this one state machine, each of which gets its name only when a request starts it.',
      });
    }
    for (const arn of props.reportsTo ?? []) {
      if (!arn.endsWith(':stateMachine:*')) continue;
      Validations.of(this).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:*]',
        reason:
          'ReportTasks: the configuration says by "*" that every state machine of this account and region may wait. Without its token no task can be ended.',
      });
    }
    const reason =
      'SendTraces: the two actions of X-Ray that write have no resource-level permissions, so "*" is the only resource possible.';
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-IAM5[Resource::*]', reason },
      // This rule names no single finding. The one above does, and keeps watching the others.
      { id: 'Serverless-LambdaStarPermissions', reason },
    );
  }
}

/** The condition that a request is for items with such keys only. */
const itemsOf = (keys: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  // Alone, the condition above would allow a request without keys, such as a scan.
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
