import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsFailure } from './aws-failure.ts';

/** For a service that answers in milliseconds, its second attempt included. */
const MAX_READ_MS = 3000;

/** @returns a function that reads the secret's text. @throws InviteError */
export const secretReader =
  (client: SecretsManagerClient, secretArn: string) => async (): Promise<string> => {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: secretArn }),
        // The SDK's own time-out ends at the head of an answer.
        { abortSignal: AbortSignal.timeout(MAX_READ_MS) },
      );
      return SecretString ?? '';
    } catch (error) {
      throw awsFailure(error, {
        lasting: 'SlackCredentials',
        code: 'secret',
        what: 'the secret with the Slack token',
        remedy:
          'check that it exists, holds the token, and that the function may read and decrypt it',
      });
    }
  };
