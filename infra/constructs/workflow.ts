import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import type { BundledFunction } from './bundled-function.ts';
import { vendedLogGroup } from './vended-log-group.ts';
import { WorkflowRole } from './workflow-role.ts';

export interface WorkflowProps {
  /** Of the state machine. */
  name: string;
  comment: string;
  config: Config;
  /** What its states call. */
  functions: BundledFunction[];
  states: (scope: Construct) => sfn.IChainable;
  timeout: Duration;
}

/** A state machine with a log group and a role of its own. */
export class Workflow extends Construct {
  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { name, comment, config, functions, states, timeout } = props;

    const logGroup = new LogGroup(this, 'logs', {
      logGroupName: vendedLogGroup('states', name),
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new WorkflowRole(this, 'role', functions);

    const machine = new sfn.StateMachine(this, 'state-machine', {
      stateMachineName: name,
      stateMachineType: sfn.StateMachineType.STANDARD,
      comment,
      queryLanguage: sfn.QueryLanguage.JSONATA,
      definitionBody: sfn.DefinitionBody.fromChainable(states(this)),
      timeout,
      // Every event, to find out what became of a request, but without the input of the states.
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
      // A trace takes data for 7 days and 100 KB, and is frozen then: most executions are longer.
      tracingEnabled: false,
      // The role is complete. Otherwise each task would add a policy to it.
      role: role.withoutPolicyUpdates(),
    });
    const reason = 'Executions last for days, and a trace takes data for 7 days and 100 KB only.';
    Validations.of(machine).acknowledge(
      { id: 'AwsSolutions-SF2', reason },
      { id: 'Serverless-StepFunctionStateMachineXray', reason },
    );
  }
}
