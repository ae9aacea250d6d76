import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEndpoint } from './endpoint.ts';
import { signedFetch } from './signing.ts';

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

test('what is asked of a service that is not there is told which are', async () => {
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    __type: 'UnknownOperationException',
    message: expect.stringContaining('Secrets Manager, DynamoDB, Lambda, Step Functions and STS'),
  });
});
