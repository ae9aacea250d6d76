import { createServer } from 'node:http';
import { vi } from 'vitest';
import { awsEndpoint } from '../../infra/local/aws-endpoint.ts';
import { createCloudFormation } from '../../infra/local/cloudformation/describe-stacks.ts';
import { createDynamoDb } from '../../infra/local/dynamodb/dynamodb.ts';
import { createPrincipals } from '../../infra/local/iam/principals.ts';
import { createSts } from '../../infra/local/iam/sts.ts';
import { createLambdaApi } from '../../infra/local/lambda/api.ts';
import type { FunctionModel } from '../../infra/local/lambda/function-model.ts';
import type { Lambda } from '../../infra/local/lambda/lambda.ts';
import { listen } from '../../infra/local/lib/http.ts';
import type { Principal } from '../../infra/local/lib/principal.ts';
import { createSecretsManager } from '../../infra/local/secrets-manager/secrets-manager.ts';
import type { Runner } from '../../infra/local/step-functions/api/runner.ts';
import { createStepFunctions } from '../../infra/local/step-functions/api/step-functions.ts';
import { startRunner } from '../local-step-functions/machine.ts';
import type { Credentials } from './local-signing.ts';

export const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger';
export const secret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:token-a1b2c3';
const role = {
  name: 'door-role',
  arn: 'arn:aws:iam::000000000000:role/door-role',
  statements: [
    {
      effect: 'Allow' as const,
      actions: ['dynamodb:GetItem'],
      resources: [table],
    },
    {
      effect: 'Allow' as const,
      actions: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      resources: [table],
      leadingKeys: ['mine#*'],
    },
    { effect: 'Allow' as const, actions: ['secretsmanager:GetSecretValue'], resources: [secret] },
    {
      effect: 'Allow' as const,
      actions: ['states:StartExecution'],
      resources: ['arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow'],
    },
    {
      effect: 'Allow' as const,
      actions: ['states:DescribeExecution'],
      resources: ['arn:aws:states:us-east-1:000000000000:execution:Stack-workflow:*'],
    },
  ],
};
export const door: FunctionModel = {
  name: 'Stack-door',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:Stack-door',
  aliases: ['arn:aws:lambda:us-east-1:000000000000:function:Stack-door:live'],
  folder: 'door',
  codeDir: '/',
  timeoutMs: 10_000,
  memoryMb: 512,
  logLevel: undefined,
  logGroup: 'Stack-door-logs',
  environment: { STACK_NAME: 'Stack' },
  role,
};
const other = {
  ...door,
  name: 'Stack-other',
  arn: door.arn.replace('door', 'other'),
  aliases: [],
};

/**
 * An endpoint with one table, one secret, two functions whose invocations a test answers, and the
 * runner's state machines.
 */
export async function startEndpoint(runner: Runner = startRunner([]).runner) {
  const principals = createPrincipals([door, other]);
  const invoke = vi.fn<Lambda['invoke']>();
  const lines: string[] = [];
  const definition = {
    TableName: 'ledger',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };
  const services = [
    createSecretsManager([{ name: 'token', arn: secret, description: 'A token' }]),
    await createDynamoDb([{ name: 'ledger', partitionKey: 'pk', definition }]),
    createLambdaApi([door, other], invoke, (line) => lines.push(line)),
    createStepFunctions(runner, {
      functionArns: [door.arn, other.arn],
      principalOf: () => principals.byKey.get('local') as Principal,
    }),
    createSts(),
    createCloudFormation({
      name: 'Stack',
      outputs: { SecretArn: secret, Odd: 'a<b&c' },
    }),
  ];
  const server = createServer(
    awsEndpoint(services, principals.byKey, {
      local: { 'POST /_local/sweep': () => ({ status: 200, body: '{"swept":true}' }) },
      log: (line) => void lines.push(line),
    }),
  );
  const { url, close } = await listen(server, 0);

  const environment = principals.environmentOf('Stack-door');
  const functionCredentials: Credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID as string,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY as string,
    sessionToken: environment.AWS_SESSION_TOKEN as string,
  };
  /** The configuration of an SDK client. */
  const client = (credentials: Credentials) => ({
    endpoint: url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  return { url, close, invoke, lines, functionCredentials, client };
}
