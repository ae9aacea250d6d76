import type { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Ledger } from './ledger-table.ts';
import type { SlackSecret } from './slack-secret.ts';
import type { WorkflowArns } from './workflow-arns.ts';

export interface InviteFunctionProps {
  description: string;
  config: Config;
  table: Ledger;
  secret: SlackSecret;
  workflow: WorkflowArns;
}

/** A door that invites, at once or by starting the workflow. */
export class InviteFunction extends BundledFunction {
  constructor(scope: Construct, name: 'invite-api' | 'invite-task', props: InviteFunctionProps) {
    super(scope, name, {
      ...props,
      tableActions: [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
      // No event records.
      tableKeys: [
        ...['invite#*', 'gate#*', 'lane#*', 'block#*'],
        ...(props.config.lifecycle ? ['slack#*'] : []),
      ],
      readsGrants: true,
      // A call waits for Slack nearly all its time, and more memory does not shorten that. A cold start
      // depends on the processor: loading the bundle takes 0.1 s of a whole one, and 512 MB get 0.3 of
      // one (1,769 MB get one). Twice the memory would save 0.2 s of a cold start, and double the price
      // of every call's waiting.
      memorySize: 512,
    });
  }
}
