import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { functionEnvironment } from '../config/function-config.ts';
import type { Config } from '../config/schema.ts';
import { type FunctionParts, FunctionRole } from './function-role.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface BundledFunctionProps extends FunctionParts {
  description: string;
  config: Config;
  memorySize: number;
  timeout: Duration;
  /** What the bundler puts in place of constants. */
  define?: Record<string, string>;
}

/** The function of the folder `functions/<door>`, with a log group and a role of its own. */
export class BundledFunction extends NodejsFunction {
  constructor(scope: Construct, door: string, props: BundledFunctionProps) {
    const { description, config, memorySize, timeout, define, ...parts } = props;
    const { table, secret, webhookSecret, workflow } = parts;
    const logGroup = new logs.LogGroup(scope, `${door}-logs`, {
      retention: config.logRetentionDays,
      // Logs go with the stack; what has to outlive it is in the table.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new FunctionRole(scope, `${door}-role`, { logGroup, ...parts });

    super(scope, door, {
      description,
      entry: `${PROJECT}functions/${door}/handler.ts`,
      projectRoot: PROJECT,
      depsLockFilePath: `${PROJECT}package-lock.json`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize,
      timeout,
      environment: functionEnvironment({
        door,
        config,
        tableName: table.tableName,
        secretArn: secret?.secretArn,
        webhookSecretArn: webhookSecret?.secretArn,
        workflowArn: workflow?.stateMachine,
      }),
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      logGroup,
      tracing: lambda.Tracing.ACTIVE,
      // The role is complete; otherwise tracing would add a policy beside it.
      role: role.withoutPolicyUpdates(),
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        logLevel: LogLevel.WARNING,
        ...(define && { define }),
        // The version that the tests ran with, and not whichever the runtime has that day.
        bundleAwsSDK: true,
        mainFields: ['module', 'main'],
        // CommonJS dependencies ask for Node's own modules by `require`, which ESM does not have.
        banner:
          "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
      },
    });

    const reason =
      'Called synchronously only, by API Gateway or a state machine: the caller gets the error, and nothing is ever left over to be kept aside.';
    Validations.of(this).acknowledge(
      { id: 'Serverless-LambdaDLQ', reason },
      { id: 'Serverless-LambdaAsyncFailureDestination', reason },
    );
  }
}
