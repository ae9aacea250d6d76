import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

const DESCRIPTIONS = {
  'webhook-secrets': 'Signing secrets of the HR sources, as JSON',
  'lookup-credentials': 'Lookup credentials of the HR sources, as JSON',
  'signing-secrets': 'Signing secrets of the Slack app, one or a list as JSON',
};

/**
 * What somebody else has, too: what the HR sources sign with, or the credentials of their lookups, JSON
 * with a member for each HR source; and what Slack signs events with. A new secret holds a random
 * string, by which nothing is looked up, and nothing is believed that anybody sends.
 *
 * It outlives its use and the stack: some HR systems show a key only once. Its ARN in the configuration
 * adopts it.
 *
 * @param existingArn of a secret that is there already
 * @returns the secret's ARN
 */
export function sharedSecret(
  scope: Construct,
  id: keyof typeof DESCRIPTIONS,
  existingArn: string | undefined,
): string {
  if (existingArn !== undefined) return existingArn;
  const secret = new Secret(scope, id, {
    description: DESCRIPTIONS[id],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Each secret is shared with an HR system or with Slack, where it has to be changed as well. Several may be valid at once meanwhile.',
  });
  return secret.secretArn;
}
