import { afterAll, beforeAll, expect, test } from 'vitest';
import { secret, startEndpoint } from '../support/local-endpoint.ts';
import { type Credentials, signedFetch } from '../support/local-signing.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  endpoint = await startEndpoint();
});
afterAll(() => endpoint.close());

test("a request goes to the service that it is signed for, whatever another's operation it names", async () => {
  const response = await signedFetch(endpoint.url, {
    method: 'POST',
    service: 'dynamodb',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: '{}',
  });
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining('The local DynamoDB has no GetSecretValue'),
  });
});

test('the endpoint knows who asks', async () => {
  const response = await signedFetch(endpoint.url, {
    method: 'POST',
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    credentials: endpoint.functionCredentials,
  });
  expect(await response.text()).toContain(
    '<Arn>arn:aws:sts::000000000000:assumed-role/door-role/Stack-door</Arn>',
  );
});

const cloudFormation = async (body: string, credentials?: Credentials) => {
  const response = await signedFetch(endpoint.url, {
    method: 'POST',
    service: 'cloudformation',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
    ...(credentials && { credentials }),
  });
  return { status: response.status, text: await response.text() };
};

test.each(['Action=DescribeStacks&StackName=Stack', 'Action=DescribeStacks'])(
  'CloudFormation tells the outputs of the stack: %s',
  async (body) => {
    const { status, text } = await cloudFormation(body);
    expect(status).toBe(200);
    expect(text).toContain(
      `<member><OutputKey>SecretArn</OutputKey><OutputValue>${secret}</OutputValue></member>`,
    );
    expect(text).toContain('<OutputValue>a&lt;b&amp;c</OutputValue>');
    expect(text).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>');
  },
);

test.each([
  ['Action=DescribeStacks&StackName=Other', 'ValidationError', 'there is Stack. This is the'],
  // What `npx cdk bootstrap` looks for.
  ['Action=DescribeStacks&StackName=CDKToolkit', 'ValidationError', 'unset AWS_ENDPOINT_URL'],
  ['Action=DeleteStack&StackName=Stack', 'InvalidAction', 'knows DescribeStacks only'],
  ['Action=DescribeStackResources&StackName=Stack', 'InvalidAction', 'for AWS, unset AWS_ENDPOINT'],
])('CloudFormation says what it does not have: %s', async (body, code, words) => {
  const { status, text } = await cloudFormation(body);
  expect(status).toBe(400);
  expect(text).toContain(`<Code>${code}</Code>`);
  expect(text).toContain(words);
});

test('CloudFormation tells nothing to a role that may not ask', async () => {
  const { status, text } = await cloudFormation(
    'Action=DescribeStacks',
    endpoint.functionCredentials,
  );
  expect(status).toBe(403);
  expect(text).toContain('<Code>AccessDenied</Code>');
});

test('a service that is not there is named, with those that are', async () => {
  const response = await signedFetch(endpoint.url, {
    method: 'POST',
    service: 'sqs',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage\u0085' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    __type: 'UnknownOperationException',
    message: expect.stringMatching(
      /^This machine has no sqs for AmazonSQS.SendMessage\?: there are Secrets Manager, DynamoDB, Lambda/,
    ),
  });
});

test('an unsigned request is told so, and its control characters are not logged', async () => {
  endpoint.lines.length = 0;
  const headers = { 'x-amz-target': 'DynamoDB_20120810.Scan\u009b2J' };
  const response = await fetch(endpoint.url, { method: 'POST', headers, body: '{}' });
  expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  expect(endpoint.lines).toEqual([
    'DynamoDB_20120810.Scan?2J refused, MissingAuthenticationTokenException',
  ]);
});
