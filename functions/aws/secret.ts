import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AWS_ANSWER_MS, AWS_ATTEMPTS, AWS_CONNECT_MS, SECRET_READ_MS } from '../lib/times.ts';
import { credentialsOf } from './client.ts';
import { awsFailure, type FailureCodes } from './failure.ts';

export const SLACK_TOKEN: FailureCodes = {
  lasting: 'secret_misconfigured',
  passing: 'secret_unavailable',
};

export const WEBHOOK_SECRETS: FailureCodes = {
  lasting: 'webhook_secret_misconfigured',
  passing: 'webhook_secret_unavailable',
};

/** @returns a function that reads the secret's text. @throws InviteError */
export const secretReader = (secretArn: string, codes: FailureCodes): (() => Promise<string>) => {
  const client = new SecretsManagerClient({
    // Not by the SDK's own chain, which takes 15 ms of each cold start to load.
    credentials: async () => credentialsOf(process.env),
    maxAttempts: AWS_ATTEMPTS,
    requestHandler: {
      connectionTimeout: AWS_CONNECT_MS,
      requestTimeout: AWS_ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });

  return async () => {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: secretArn }),
        { abortSignal: AbortSignal.timeout(SECRET_READ_MS) },
      );
      return SecretString ?? '';
    } catch (error) {
      throw awsFailure(error, codes);
    }
  };
};
