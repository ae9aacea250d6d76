import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { UsageError } from '../command-line/arguments.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../local/lib/account.ts';
import { readPorts } from '../local/ports.ts';

/** How a command is told which stack it is for; every command here has this option. */
export const STACK_OPTION = `  --stack NAME   a deployed stack, with the credentials and the region of the AWS CLI;
                 without it, the local run, at AWS_PORT`;

/** A stack that an operator's command works on: a deployed one, or the local run. */
export type Stack = {
  name: string;
  isLocal: boolean;
  region: string;
  /** The stack's outputs by name. */
  outputs: Readonly<Record<string, string>>;
  /** Where Slack's Web API is, with a slash at the end. */
  slackApiUrl: string;
  aws: Clients;
};

export type Clients = ReturnType<typeof clientsOf>;

const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' };
/** A command must not hang at a service that is away. In milliseconds. */
const PATIENCE = { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true };

const clientsOf = (config: object) => ({
  cloudFormation: new CloudFormationClient(config),
  cloudWatch: new CloudWatchClient(config),
  dynamoDb: new DynamoDBClient(config),
  lambda: new LambdaClient(config),
  secretsManager: new SecretsManagerClient(config),
  sns: new SNSClient(config),
  stepFunctions: new SFNClient(config),
});

/** Where the local run's AWS is. */
const localTo = (env: NodeJS.ProcessEnv) => ({
  endpoint: `http://127.0.0.1:${readPorts(env).aws}`,
  region: LOCAL_REGION,
  credentials: LOCAL,
});

/** Whether a table is one of the local run: nobody else has that account. @param table its ARN, or its name */
export const isLocalTable = (table: string): boolean => table.split(':')[4] === LOCAL_ACCOUNT;

/**
 * What reads a table that no stack has yet.
 * @param table its ARN, which says the region, or its name
 */
export const tablesOf = (table: string, env: NodeJS.ProcessEnv): DynamoDBClient => {
  const region = table.split(':')[3] || env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: PATIENCE,
    ...(region && { region }),
    ...(isLocalTable(table) && localTo(env)),
  });
};

/**
 * Finds a stack by its name, and where its parts are by its outputs.
 * @param name of a deployed stack; undefined: the local run.
 * @throws UsageError in words for the person at the command line.
 */
export const findStack = async (
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Stack> => {
  const ports = readPorts(env);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  const aws = clientsOf({
    maxAttempts: 2,
    requestHandler: PATIENCE,
    ...(region && { region }),
    ...(name === undefined && localTo(env)),
  });
  const described = await describe(aws.cloudFormation, name).catch((error: Error) => {
    throw name === undefined ? noLocalRun(ports.aws, error) : notFound(name, error);
  });
  const outputs = Object.fromEntries(
    (described.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
  );
  // With AWS_ENDPOINT_URL, a name leads to the local run, too.
  const isLocal = new URL(outputs.ApiUrl ?? 'https://aws').hostname === '127.0.0.1';
  return {
    name: described.StackName as string,
    isLocal,
    region: await aws.cloudFormation.config.region(),
    outputs,
    slackApiUrl: isLocal ? `http://127.0.0.1:${ports.slack}/api/` : 'https://slack.com/api/',
    aws,
  };
};

const describe = async (client: CloudFormationClient, name: string | undefined) => {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const [stack] = Stacks;
  if (!stack) throw new Error('CloudFormation named no stack');
  return stack;
};

const noLocalRun = (port: number, { message, ...error }: Error): UsageError => {
  const { code } = error as NodeJS.ErrnoException;
  return new UsageError(
    code === 'ECONNREFUSED'
      ? `Nothing listens at http://127.0.0.1:${port}: is "npm start" running? For a deployed stack, name it with --stack. On another port, say so, as in AWS_PORT=3102 npm run …`
      : `The local run at http://127.0.0.1:${port} did not answer: ${message || code}`,
  );
};

const notFound = (name: string, { name: kind, message }: Error): UsageError => {
  if (kind === 'CredentialsProviderError') {
    return new UsageError(
      'There are no AWS credentials: run "aws sso login", or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
  }
  if (/region is missing/i.test(message)) {
    return new UsageError(
      'The region is not known: set AWS_REGION, or a region in the AWS_PROFILE',
    );
  }
  return new UsageError(
    `The stack ${name} cannot be read: ${message.replace(/\.$/, '')}. Is the name right, and AWS_REGION or the profile the stack's?`,
  );
};

/** @returns an output that every stack has. @throws UsageError for a stack of another kind. */
export const outputOf = ({ name, outputs }: Stack, output: string): string => {
  const value = outputs[output];
  if (value) return value;
  throw new UsageError(`The stack ${name} has no output ${output}: deploy this version first`);
};
