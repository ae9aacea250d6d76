import type { Assembly } from '../cloudformation/assembly.ts';

/** A secret of the stack, or one that the stack only refers to. */
export type SecretModel = { name: string; arn: string; description?: string };

/**
 * Reads the secrets of the template.
 * @param referred ARNs that the functions know. A stack with `secretArn` configured uses a secret
 *   that exists in the account already and is not in the template.
 */
export function readSecrets(assembly: Assembly, referred: readonly string[]): SecretModel[] {
  const own = assembly
    .ofType('AWS::SecretsManager::Secret')
    .map(({ name, ref, properties }) => ({ name, arn: ref, description: properties.Description }));
  const existing = new Set(referred.filter((arn) => own.every((secret) => secret.arn !== arn)));
  return [...own, ...[...existing].map((arn) => ({ name: secretName(arn), arn }))];
}

/** The name in a complete secret ARN, which ends in `-` and six random characters. */
function secretName(arn: string): string {
  return (arn.split(':').at(6) ?? arn).replace(/-[A-Za-z0-9]{6}$/, '');
}
