import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { WORKFLOW_TIMEOUT_S } from '../../functions/invites/queue-time.ts';
import type { Config } from '../config/schema.ts';
import { inviteStates } from './invite-states.ts';
import { WorkflowRole } from './workflow-role.ts';

export interface InviteWorkflowProps {
  /** Of the state machine. */
  name: string;
  config: Config;
  laneTicket: IFunction;
  inviteTask: IFunction;
}

/** The workflow: one execution for each ask that can wait, with a log group and a role of its own. */
export class InviteWorkflow extends Construct {
  constructor(scope: Construct, id: string, props: InviteWorkflowProps) {
    super(scope, id);
    const { name, config, laneTicket, inviteTask } = props;

    const logGroup = new LogGroup(this, 'logs', {
      // A log group of any other prefix has its name written into a resource policy that the whole
      // account shares, of 5,120 characters; once that is full, the deploy fails.
      // https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new WorkflowRole(this, 'role', [laneTicket, inviteTask]);

    new sfn.StateMachine(this, 'state-machine', {
      stateMachineName: name,
      stateMachineType: sfn.StateMachineType.STANDARD,
      comment: 'One invitation: a ticket of the lane, its turn, the call to Slack',
      definitionBody: sfn.DefinitionBody.fromChainable(
        inviteStates(this, { laneTicket, inviteTask }),
      ),
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_S),
      // Every event, for finding out what became of an ask; what the states were given stays out.
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      // The role is complete; otherwise each task would add a policy beside it.
      role: role.withoutPolicyUpdates(),
    });
  }
}
