import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createTokenSource } from '../../functions/slack/token.ts';
import type { Stack } from './stack.ts';

/** @returns the text of a secret of the stack. @throws the error of the service. */
export const readSecret = async ({ aws }: Stack, secret: string): Promise<string> => {
  const { SecretString } = await aws.secretsManager.send(
    new GetSecretValueCommand({ SecretId: secret }),
  );
  return SecretString ?? '';
};

/** Puts another value in. What the secret held before stays there as its previous version. */
export const writeSecret = async ({ aws }: Stack, secret: string, text: string): Promise<void> => {
  await aws.secretsManager.send(
    new PutSecretValueCommand({ SecretId: secret, SecretString: text }),
  );
};

/** @returns the token in a secret's text, read as the functions read it; undefined without one. */
export const tokenIn = (text: string): Promise<string | undefined> =>
  createTokenSource(async () => text).get();
