import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_S } from '../../functions/lib/times.ts';
import { functionEnvironment } from '../config/deployment.ts';
import { type FunctionName, functionName, LIVE } from '../config/physical-names.ts';
import type { Config } from '../config/schema.ts';
import { bundledCode } from './bundled-code.ts';
import { type FunctionParts, FunctionRole } from './function-role.ts';

export interface BundledFunctionProps extends FunctionParts {
  description: string;
  config: Config;
  memorySize: number;
}

/**
 * The function of the folder `functions/<name>`, with a log group and a role of its own.
 *
 * CloudFormation changes the environment of a function before its code, so everybody calls the alias
 * `live`: a version has both, and the alias moves when both are there.
 */
export class BundledFunction extends lambda.Function {
  readonly live: lambda.IFunction;

  constructor(scope: Construct, name: FunctionName, props: BundledFunctionProps) {
    const { description, config, memorySize, ...parts } = props;
    const { table, secret, webhookSecretArn, lookupSecretArn } = parts;
    const { workflow, eventsWorkflow, signingSecretArn } = parts;
    const logGroup = new logs.LogGroup(scope, `${name}-logs`, {
      retention: config.logRetentionDays,
      // Logs are deleted with the stack. Everything that has to outlive it is in the table.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new FunctionRole(scope, `${name}-role`, { logGroup, ...parts });

    super(scope, name, {
      functionName: functionName(config.stackName, name),
      description,
      code: bundledCode(name, config),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize,
      ...reserved(config.reservedConcurrency[name]),
      timeout: Duration.seconds(FUNCTION_TIMEOUT_S[name]),
      environment: functionEnvironment({
        name,
        config,
        tableName: table.tableName,
        secretArn: secret?.secretArn,
        webhookSecretArn,
        lookupSecretArn,
        workflowArn: workflow?.stateMachine,
        eventsWorkflowArn: eventsWorkflow?.stateMachine,
        signingSecretArn,
      }),
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      logGroup,
      tracing: lambda.Tracing.ACTIVE,
      // The role is complete. Otherwise tracing would add a policy to it.
      role: role.withoutPolicyUpdates(),
      // What the alias may go back to: `npm run rollback`.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    this.live = new lambda.Alias(this, 'alias', {
      aliasName: LIVE,
      version: this.currentVersion as lambda.IVersion,
    }) as lambda.IFunction;

    const reason =
      name === 'sweep'
        ? 'Its events say nothing but that it is time, and the next one comes in minutes.'
        : 'Called synchronously only, by API Gateway or a state machine: the caller gets the error, and no event is ever left to be kept.';
    Validations.of(this).acknowledge(
      { id: 'Serverless-LambdaDLQ', reason },
      { id: 'Serverless-LambdaAsyncFailureDestination', reason },
    );
  }
}

const reserved = (reservedConcurrentExecutions: number | undefined) =>
  reservedConcurrentExecutions === undefined ? {} : { reservedConcurrentExecutions };
