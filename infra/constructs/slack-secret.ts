import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * The place of the Slack token: a new secret, or an existing one by its full ARN.
 *
 * A new secret holds a random string until somebody puts the token in. The token itself never passes
 * through a template, where everybody who may read the stack could read it.
 *
 * An existing secret under a customer managed KMS key also needs a statement in that key's policy that
 * allows `kms:Decrypt` to the two functions' roles. This stack cannot add it.
 */
export class SlackSecret extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, existingArn: string | undefined) {
    super(scope, id);
    if (existingArn) {
      this.secretArn = existingArn;
      return;
    }
    const secret = new Secret(this, 'secret', {
      description: 'Bot token that sends Slack Connect invitations, as JSON with the key "token"',
      // CloudFormation deletes a secret at once and for good, also where `secretArn` is set later.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Only Slack can renew a Slack token, in an exchange with the client secret of the Slack app. Without rotation switched on at Slack, a token never changes.',
    });
    this.secretArn = secret.secretArn;
  }
}
