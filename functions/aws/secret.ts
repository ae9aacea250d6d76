import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsFailure } from './client.ts';

/** For a service that answers in milliseconds, its second attempt included. */
const MAX_READ_MS = 3000;

/** How to tell that a secret cannot be used, and by which class. */
type Remedies = Parameters<typeof awsFailure>[1];

const SLACK_TOKEN: Remedies = {
  lasting: 'SlackCredentials',
  code: 'secret',
  what: 'the secret with the Slack token',
  remedy: 'check that it exists, holds the token, and that the function may read and decrypt it',
};

export const WEBHOOK_SECRETS: Remedies = {
  lasting: 'Defect',
  code: 'secret',
  what: 'the secret of the webhook sources',
  remedy: 'check that it exists, and that the function may read and decrypt it',
};

/** @returns a function that reads the secret's text. @throws InviteError */
export const secretReader =
  (client: SecretsManagerClient, secretArn: string, remedies = SLACK_TOKEN) =>
  async (): Promise<string> => {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId: secretArn }),
        // The SDK's own time-out ends at the head of an answer.
        { abortSignal: AbortSignal.timeout(MAX_READ_MS) },
      );
      return SecretString ?? '';
    } catch (error) {
      throw awsFailure(error, remedies);
    }
  };
