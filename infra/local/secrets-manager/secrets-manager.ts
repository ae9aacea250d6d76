import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import {
  AwsError,
  type AwsService,
  authorize,
  parseJsonObject,
  tellAsJson,
} from '../lib/aws-service.ts';
import { Secret, type SecretValue } from './secret.ts';
import type { SecretModel } from './secret-model.ts';

type Input = Record<string, unknown>;

const CONTENT_TYPE = 'application/x-amz-json-1.1';
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html, "Secret value size"
const MAX_VALUE_BYTES = 65_536;

/** Secrets Manager, and the way to put a value in without a request. */
export type SecretsManager = AwsService & { put: (arn: string, value: string) => void };

const OPERATIONS = new Map<string, (secret: Secret, input: Input) => object>([
  ['GetSecretValue', getValue],
  ['PutSecretValue', putValue],
  ['DescribeSecret', (secret) => secret.describe()],
]);

/**
 * Secrets Manager: GetSecretValue, PutSecretValue, DescribeSecret, ListSecrets.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
 */
export function createSecretsManager(models: readonly SecretModel[]): SecretsManager {
  const secrets = models.map((model) => new Secret(model));
  const search = (id: string) => secrets.find((secret) => secret.isCalled(id));

  return {
    name: 'secretsmanager',
    put: (arn, value) => {
      found(search(arn)).put({ SecretString: value });
    },
    tell: (error) => tellAsJson(CONTENT_TYPE, error),
    handle: async ({ headers, body, principal }) => {
      const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
      const input = parseJsonObject(body);
      const action = `secretsmanager:${operation}`;
      if (operation === 'ListSecrets') {
        authorize(principal, action, '*');
        return answer({ SecretList: secrets.map((secret) => secret.describe()) });
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
      // Before it is said whether the secret exists, so that nobody learns what is not theirs to see.
      authorize(principal, action, secret?.arn ?? arnOf(id));
      return answer(perform(found(secret), input));
    },
  };
}

function answer(output: object) {
  return { status: 200, headers: { 'content-type': CONTENT_TYPE }, body: JSON.stringify(output) };
}

function arnOf(id: string): string {
  return id.startsWith('arn:')
    ? id
    : `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT}:secret:${id}`;
}

function found(secret: Secret | undefined): Secret {
  if (secret) return secret;
  throw new AwsError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  );
}

function getValue(secret: Secret, { VersionId, VersionStage }: Input): object {
  const { id, value, stages, createdAt } = secret.version({
    ...(typeof VersionId === 'string' && { id: VersionId }),
    ...(typeof VersionStage === 'string' && { stage: VersionStage }),
  });
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: id,
    ...value,
    VersionStages: [...stages],
    CreatedDate: createdAt,
  };
}

function putValue(secret: Secret, input: Input): object {
  const { ClientRequestToken: token, VersionStages: wanted = ['AWSCURRENT'] } = input;
  if (JSON.stringify(wanted) !== '["AWSCURRENT"]') {
    throw new AwsError(
      'InvalidParameterException',
      'VersionStages: the local Secrets Manager moves AWSCURRENT and AWSPREVIOUS only.',
    );
  }
  const value = readValue(input);
  const { id, stages } = secret.put(value, typeof token === 'string' ? token : undefined);
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: [...stages] };
}

function readValue({ SecretString, SecretBinary }: Input): SecretValue {
  const given = SecretString ?? SecretBinary;
  if (typeof given !== 'string' || (SecretString !== undefined && SecretBinary !== undefined)) {
    throw new AwsError(
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    );
  }
  if (given.length === 0 || Buffer.byteLength(given) > MAX_VALUE_BYTES) {
    throw new AwsError(
      'InvalidParameterException',
      `The value must have between 1 and ${MAX_VALUE_BYTES} bytes.`,
    );
  }
  return SecretString === undefined ? { SecretBinary: given } : { SecretString: given };
}
