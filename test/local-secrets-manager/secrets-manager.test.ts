import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secret, startEndpoint } from '../support/local-endpoint.ts';
import { type Credentials, operator } from '../support/local-signing.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  endpoint = await startEndpoint();
});
afterAll(() => endpoint.close());

const secretsManager = (credentials = operator) =>
  new SecretsManagerClient(endpoint.client(credentials));

const get = async (credentials?: Credentials, input = {}) =>
  secretsManager(credentials).send(new GetSecretValueCommand({ SecretId: secret, ...input }));

test('holds a random string until somebody puts a value in', async () => {
  expect((await get()).SecretString).toMatch(/^[\w+/=]{32}$/);
});

test('gives the value that was put in last, and no other version', async () => {
  for (const SecretString of ['first', 'second']) {
    await secretsManager().send(new PutSecretValueCommand({ SecretId: 'token', SecretString }));
  }
  const current = await get();
  expect(current).toMatchObject({ SecretString: 'second', VersionStages: ['AWSCURRENT'] });
  expect(await get(operator, { VersionId: current.VersionId })).toMatchObject({
    SecretString: 'second',
  });
  for (const earlier of [{ VersionStage: 'AWSPREVIOUS' }, { VersionId: 'other' }]) {
    await expect(get(operator, earlier)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringContaining('keeps the current version'),
    });
  }
});

test('takes the same ClientRequestToken once', async () => {
  const put = (SecretString: string) =>
    secretsManager().send(
      new PutSecretValueCommand({
        SecretId: 'token',
        SecretString,
        ClientRequestToken: 'b6f9d7a2-0000-4000-8000-000000000001',
      }),
    );
  await put('same');
  await put('same');
  await expect(put('different')).rejects.toMatchObject({ name: 'ResourceExistsException' });
});

test.each([
  ['name', 'token'],
  ['ARN', secret],
  ['ARN without its random end', secret.slice(0, -7)],
])('finds a secret by its %s', async (_, SecretId) => {
  expect((await get(operator, { SecretId })).ARN).toBe(secret);
});

test('does not find another', async () => {
  await expect(get(operator, { SecretId: 'gone' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

test('lets a function read, and not write', async () => {
  await expect(get(endpoint.functionCredentials)).resolves.toMatchObject({ Name: 'token' });
  const put = new PutSecretValueCommand({ SecretId: secret, SecretString: 'x' });
  await expect(secretsManager(endpoint.functionCredentials).send(put)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('secretsmanager:PutSecretValue on resource: arn:'),
  });
});

test('does not tell a function whether a secret exists that it may not read', async () => {
  await expect(get(endpoint.functionCredentials, { SecretId: 'gone' })).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});

test.each([
  [{}, 'InvalidRequestException'],
  [{ SecretBinary: Buffer.from('x') }, 'InvalidRequestException'],
  [{ SecretString: '' }, 'InvalidParameterException'],
  [{ SecretString: 'x'.repeat(65_537) }, 'InvalidParameterException'],
  [{ SecretString: 'x', VersionStages: ['MINE'] }, 'InvalidParameterException'],
])(
  'refuses to put in what AWS would not take, or what it could not keep (%#)',
  async (input, name) => {
    const command = new PutSecretValueCommand({ SecretId: 'token', ...input });
    await expect(secretsManager().send(command)).rejects.toMatchObject({ name });
  },
);

test('names the operations that it has, when asked for another', async () => {
  const command = new DeleteSecretCommand({ SecretId: 'token' });
  await expect(secretsManager().send(command)).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('GetSecretValue, PutSecretValue'),
  });
});

test('lists names and descriptions, and no values', async () => {
  const { SecretList } = await secretsManager().send(new ListSecretsCommand());
  expect(SecretList).toMatchObject([{ Name: 'token', Description: 'A token' }]);
  expect(JSON.stringify(SecretList)).not.toContain('SecretString');
});
