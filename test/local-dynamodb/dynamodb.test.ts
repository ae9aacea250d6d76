import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEndpoint, table } from '../support/local-endpoint.ts';
import { operator } from '../support/local-signing.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  endpoint = await startEndpoint();
});
afterAll(() => {
  vi.unstubAllEnvs();
  return endpoint.close();
});

const dynamoDb = (credentials = operator) => new DynamoDBClient(endpoint.client(credentials));

test('has the tables of the template, and the operator may do everything', async () => {
  const client = dynamoDb();
  expect((await client.send(new ListTablesCommand())).TableNames).toEqual(['ledger']);
  await client.send(new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: 'a' } } }));
  const scan = await client.send(new ScanCommand({ TableName: 'ledger' }));
  expect(scan.Items).toEqual([{ pk: { S: 'a' } }]);
});

test('does for a function what its role allows', async () => {
  const command = new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'nobody' } } });
  await expect(dynamoDb(endpoint.functionCredentials).send(command)).resolves.toMatchObject({});
});

test("refuses the rest in AWS's words, and logs it", async () => {
  const command = new ScanCommand({ TableName: 'ledger' });
  const message = `User: arn:aws:sts::000000000000:assumed-role/door-role/Stack-door is not authorized to perform: dynamodb:Scan on resource: ${table} because no identity-based policy allows the dynamodb:Scan action`;
  await expect(dynamoDb(endpoint.functionCredentials).send(command)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message,
    $metadata: { httpStatusCode: 400 },
  });
  expect(endpoint.lines).toEqual([
    `DynamoDB_20120810.Scan refused, AccessDeniedException: ${message}`,
  ]);
});

test('refuses a function another table', async () => {
  const command = new GetItemCommand({ TableName: 'other', Key: { pk: { S: 'a' } } });
  await expect(dynamoDb(endpoint.functionCredentials).send(command)).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});

describe('a function whose role is limited to some keys', () => {
  const Item = (pk: string) => ({ pk: { S: pk } });
  const put = (pk: string) => new PutItemCommand({ TableName: 'ledger', Item: Item(pk) });
  const update = (pk: string) => new UpdateItemCommand({ TableName: 'ledger', Key: Item(pk) });
  const limited = () => dynamoDb(endpoint.functionCredentials);

  test('writes items with such a key', async () => {
    await limited().send(put('mine#1'));
    await limited().send(update('mine#2'));
  });

  test('writes no other', async () => {
    const denied = { name: 'AccessDeniedException' };
    await expect(limited().send(put('other#1'))).rejects.toMatchObject(denied);
    await expect(limited().send(update('other#1'))).rejects.toMatchObject(denied);
  });

  test('is refused what does not name its items one by one', async () => {
    const query = new QueryCommand({
      TableName: 'ledger',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'mine#1' } },
    });
    await expect(limited().send(query)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

test('has the region and account of the stack, whatever the environment says', async () => {
  const { Table } = await dynamoDb().send(new DescribeTableCommand({ TableName: 'ledger' }));
  expect(Table?.TableArn).toBe(table);
  expect(process.env.AWS_REGION).toBe('eu-west-1');
});

test('keeps conditions', async () => {
  const command = new PutItemCommand({
    TableName: 'ledger',
    Item: { pk: { S: 'once' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await dynamoDb().send(command);
  await expect(dynamoDb().send(command)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  });
});

test('refuses ReturnValuesOnConditionCheckFailure, which dynalite would ignore', async () => {
  const command = new UpdateItemCommand({
    TableName: 'ledger',
    Key: { pk: { S: 'a' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await expect(dynamoDb().send(command)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('read the item after the failed condition'),
  });
});

test('names the operations that it has, when asked for another', async () => {
  const command = new BatchWriteItemCommand({ RequestItems: { ledger: [] } });
  await expect(dynamoDb().send(command)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('GetItem'),
  });
});
