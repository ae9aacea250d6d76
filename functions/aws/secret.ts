import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SECRET_READ_MS } from '../lib/times.ts';
import { awsFailure, type FailureCodes } from './client.ts';

export const SLACK_TOKEN: FailureCodes = {
  lasting: 'secret_misconfigured',
  passing: 'secret_unavailable',
};

export const WEBHOOK_SECRETS: FailureCodes = {
  lasting: 'webhook_secret_misconfigured',
  passing: 'webhook_secret_unavailable',
};

/** @returns a function that reads the secret's text. @throws InviteError */
export const secretReader =
  (client: SecretsManagerClient, secretArn: string, codes: FailureCodes) =>
  async (): Promise<string> => {
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
