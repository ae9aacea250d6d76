import { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Ledger } from './ledger-table.ts';
import { sharedSecret } from './shared-secret.ts';

export interface SlackEventsDoorProps {
  config: Config;
  table: Ledger;
}

/** The door for Slack's events: its function, and the secret with what Slack signs with. */
export class SlackEventsDoor extends Construct {
  readonly function: BundledFunction;
  readonly signingSecretArn: string;

  constructor(scope: Construct, id: string, { config, table }: SlackEventsDoorProps) {
    super(scope, id);
    const { signingSecretArn } = config.lifecycle ?? {};
    this.signingSecretArn = sharedSecret(this, 'signing-secrets', signingSecretArn);
    this.function = new BundledFunction(this, 'slack-events', {
      config,
      table,
      signingSecretArn: this.signingSecretArn,
      description: 'POST /slack/events',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      // The gate's item has the changes of channels' ids: whoever sends passes it.
      tableKeys: ['invite#*', 'slack#*', 'channel#*', 'gate#*'],
      tells: true,
      // Slack waits 3 s for the answer, a cold start included, and the processor decides how long that takes.
      memorySize: 1024,
    });
  }
}
