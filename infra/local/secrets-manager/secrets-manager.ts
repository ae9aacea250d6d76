import { randomBytes, randomUUID } from 'node:crypto';
import { localArn } from '../lib/account.ts';
import {
  AwsError,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import type { SecretModel } from './secret-model.ts';

/** Secrets Manager, and the way to put a value in without a request. */
export type SecretsManager = AwsService & { put: (arn: string, value: string) => void };

/** A secret with its current version, the only one that is kept. */
type Secret = SecretModel & {
  value: string;
  versionId: string;
  /** Seconds since 1970, as the JSON protocols write a timestamp. */
  changedAt: number;
};

type Input = Record<string, unknown>;

const CONTENT_TYPE = 'application/x-amz-json-1.1';
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html, "Secret value size"
const MAX_VALUE_BYTES = 65_536;

const OPERATIONS = new Map<string, (secret: Secret, input: Input) => object>([
  ['GetSecretValue', getValue],
  ['PutSecretValue', putValue],
]);

/**
 * Secrets Manager: GetSecretValue, PutSecretValue, ListSecrets, of the current version. A secret
 * begins with a random string, as on AWS until somebody puts a value in.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
 */
export function createSecretsManager(models: readonly SecretModel[]): SecretsManager {
  const createdAt = Date.now() / 1000;
  const secrets = models.map((model): Secret => {
    const value = randomBytes(24).toString('base64');
    return { ...model, value, versionId: randomUUID(), changedAt: createdAt };
  });
  /** By name, complete ARN, or ARN without the six random characters at its end. */
  const search = (id: string) =>
    secrets.find(({ name, arn }) => [name, arn, arn.replace(/-[^-]{6}$/, '')].includes(id));

  return {
    name: 'secretsmanager',
    put: (arn, value) => {
      put(found(search(arn)), value, randomUUID());
    },
    tell: (error) => tellAsJson(CONTENT_TYPE, error),
    handle: async ({ headers, body, principal }) => {
      const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
      const input = parseJsonObject(body);
      const action = `secretsmanager:${operation}`;
      if (operation === 'ListSecrets') {
        authorize(principal, action, '*');
        return answer({ SecretList: secrets.map((secret) => describe(secret, createdAt)) });
      }
      const perform = OPERATIONS.get(operation);
      if (!perform) {
        throw new AwsError(
          'UnknownOperationException',
          `The local Secrets Manager has ${[...OPERATIONS.keys()].join(', ')} and ListSecrets, not ${operation}.`,
        );
      }
      const { SecretId: id } = input;
      if (typeof id !== 'string' || id === '') {
        throw new AwsError('ValidationException', 'SecretId is missing: give a name or an ARN.');
      }
      const secret = search(id);
      const arn = id.startsWith('arn:') ? id : localArn('secretsmanager', `secret:${id}`);
      // Before the answer says whether the secret exists, which not everybody may know.
      authorize(principal, action, secret?.arn ?? arn);
      return answer(perform(found(secret), input));
    },
  };
}

function answer(output: object) {
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body: JSON.stringify(output) };
}

function found(secret: Secret | undefined): Secret {
  if (secret) return secret;
  throw new AwsError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  );
}

/** What ListSecrets returns, which is no value. */
function describe({ arn, name, description, changedAt }: Secret, createdAt: number) {
  return {
    ARN: arn,
    Name: name,
    Description: description,
    CreatedDate: createdAt,
    LastChangedDate: changedAt,
  };
}

function getValue(secret: Secret, { VersionId = secret.versionId, VersionStage }: Input): object {
  if (
    VersionId !== secret.versionId ||
    !['AWSCURRENT', undefined].includes(VersionStage as string)
  ) {
    throw new AwsError(
      'ResourceNotFoundException',
      'The local Secrets Manager keeps the current version of a secret only (AWSCURRENT).',
    );
  }
  return {
    ...reference(secret),
    SecretString: secret.value,
    CreatedDate: secret.changedAt,
  };
}

/** The same ClientRequestToken with the same value is the same request, repeated. */
function putValue(secret: Secret, input: Input): object {
  const { SecretString: value, ClientRequestToken: token, VersionStages: stages } = input;
  if (typeof value !== 'string') {
    throw new AwsError('InvalidRequestException', 'You must provide SecretString.');
  }
  if (value.length === 0 || Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    throw new AwsError(
      'InvalidParameterException',
      `The value must have between 1 and ${MAX_VALUE_BYTES} bytes.`,
    );
  }
  if (stages !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'VersionStages: the local Secrets Manager keeps AWSCURRENT only.',
    );
  }
  if (token === secret.versionId && value !== secret.value) {
    throw new AwsError(
      'ResourceExistsException',
      'A version with this ClientRequestToken exists and has another value.',
    );
  }
  put(secret, value, typeof token === 'string' ? token : randomUUID());
  return reference(secret);
}

function put(secret: Secret, value: string, versionId: string): void {
  Object.assign(secret, { value, versionId, changedAt: Date.now() / 1000 });
}

function reference({ arn, name, versionId }: Secret) {
  return { ARN: arn, Name: name, VersionId: versionId, VersionStages: ['AWSCURRENT'] };
}
