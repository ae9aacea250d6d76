import { afterAll, beforeAll, expect, test } from 'vitest';
import { secret, startEndpoint } from './endpoint.ts';
import { type Credentials, signedFetch } from './signing.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  endpoint = await startEndpoint();
});
afterAll(() => endpoint.close());

test('the endpoint refuses a signature for another service', async () => {
  const response = await signedFetch(`${endpoint.url}/2015-03-31/functions`, {
    service: 'dynamodb',
  });
  expect(response.status).toBe(403);
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

test('what is asked of a service that is not there is told which are', async () => {
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    __type: 'UnknownOperationException',
    message: expect.stringContaining('Secrets Manager, DynamoDB, Lambda, Step Functions, STS'),
  });
});
