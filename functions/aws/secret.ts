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

export const SIGNING_SECRETS: FailureCodes = {
  lasting: 'signing_secret_misconfigured',
  passing: 'signing_secret_unavailable',
};

/**
 * @param told the text and when it was put in (epoch milliseconds), each time that it was read.
 * @returns a function that reads the secret's text. @throws InviteError
 */
export const secretReader = (
  secretArn: string,
  codes: FailureCodes,
  told: (text: string, writtenAt: number) => void = () => {},
): (() => Promise<string>) => {
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
      const { SecretString = '', CreatedDate } = await client.send(
        new GetSecretValueCommand({ SecretId: secretArn }),
        { abortSignal: AbortSignal.timeout(SECRET_READ_MS) },
      );
      told(SecretString, CreatedDate?.getTime() ?? Date.now());
      return SecretString;
    } catch (error) {
      throw awsFailure(error, codes);
    }
  };
};
