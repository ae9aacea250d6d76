import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * The HR sources' signing secrets and lookup credentials: JSON with a member for each HR source. A new
 * secret holds a random string. Until somebody puts the real ones in, every delivery is refused.
 *
 * It outlives the last HR source and the stack: some HR systems show a key only once.
 */
export class WebhookSecret extends Secret {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Signing secrets and lookup credentials of the HR sources, as JSON',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Each secret is shared with an HR system, where it has to be changed as well. Several may be valid at once meanwhile.',
    });
  }
}
