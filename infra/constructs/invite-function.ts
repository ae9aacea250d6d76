import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { functionConfig } from '../config/function-config.ts';
import type { Config } from '../config/schema.ts';
import { FunctionRole } from './function-role.ts';
import type { LedgerTable } from './ledger-table.ts';
import type { SlackSecret } from './slack-secret.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface InviteFunctionProps {
  description: string;
  config: Config;
  table: LedgerTable;
  secret: SlackSecret;
}

/** One door: the function of the folder `functions/<door>`, with a log group and a role of its own. */
export class InviteFunction extends NodejsFunction {
  constructor(scope: Construct, door: 'invite-api' | 'invite-task', props: InviteFunctionProps) {
    const { config, description, table, secret } = props;
    const logGroup = new logs.LogGroup(scope, `${door}-logs`, {
      retention: config.logRetentionDays,
      // Logs go with the stack; what has to outlive it is in the table.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new FunctionRole(scope, `${door}-role`, { logGroup, table, secret });

    super(scope, door, {
      description,
      entry: `${PROJECT}functions/${door}/handler.ts`,
      projectRoot: PROJECT,
      depsLockFilePath: `${PROJECT}package-lock.json`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      // A call waits for Slack nearly all its time, which more memory does not shorten. A cold start
      // is bound by the processor: loading the bundle takes 0.1 s of a whole one, and 512 MB bring
      // 0.3 of it (1,769 MB are one). Twice the memory would save 0.2 s of a cold start, and double
      // the price of every call's waiting.
      memorySize: 512,
      // Under the 30 s after which the gateway gives up, above the 10 s for Slack plus the gate's wait.
      timeout: Duration.seconds(20),
      environment: {
        STACK_NAME: config.stackName,
        DOOR: door,
        TABLE_NAME: table.tableName,
        SECRET_ARN: secret.secretArn,
        CONFIG: functionConfig(config),
      },
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
