import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * The place of what the sources of the HR door prove themselves by, and of their look-ups'
 * credentials: JSON with a member for each source. A new secret holds a random string, and until
 * somebody puts the sources' own in, no delivery is believed.
 *
 * It outlives the last source and the stack: some HR systems show a key once, when it is made.
 */
export class WebhookSecret extends Secret {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Signing secrets and look-up credentials of the webhook sources, as JSON',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Each secret is shared with an HR system, where it has to be changed as well; several may be valid at once while that is done.',
    });
  }
}
