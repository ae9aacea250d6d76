import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { WORKFLOW_TIMEOUT_S } from '../../functions/lib/times.ts';
import { type Config, hasSources } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import { eventStates } from './event-states.ts';
import type { Ledger } from './ledger-table.ts';
import { failed } from './noted.ts';
import { sharedSecret } from './shared-secret.ts';
import { Workflow } from './workflow.ts';
import type { WorkflowArns } from './workflow-arns.ts';

export interface HrDoorProps {
  config: Config;
  table: Ledger;
  /** The workflow of events, as it will be. */
  workflow: WorkflowArns;
  laneTicket: BundledFunction;
  inviteTurn: BundledFunction;
}

/**
 * The door for HR systems: its two functions, their secrets, and the workflow of events.
 *
 * Without an HR source there is all of it but the secrets. A state machine is deleted only when its last
 * execution has ended, and an update that removes one waits for that, for days.
 */
export class HrDoor extends Construct {
  readonly webhook: BundledFunction;
  /** Undefined without HR sources, unless the configuration adopts one. */
  readonly webhookSecretArn: string | undefined;
  readonly lookupSecretArn: string | undefined;

  constructor(scope: Construct, id: string, props: HrDoorProps) {
    super(scope, id);
    const { config, table, workflow, laneTicket, inviteTurn } = props;
    const secret = (
      ...[id, existingArn]: [Parameters<typeof sharedSecret>[1], string | undefined]
    ) => (hasSources(config) ? sharedSecret(this, id, existingArn) : existingArn);
    this.webhookSecretArn = secret('webhook-secrets', config.webhookSecretArn);
    this.lookupSecretArn = secret('lookup-credentials', config.lookupSecretArn);

    this.webhook = new BundledFunction(this, 'hr-webhook', {
      config,
      table,
      webhookSecretArn: this.webhookSecretArn,
      description: 'GET and POST /webhooks/{source}',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      // The route is open to the internet: an intruder would find no invite and no gate here.
      tableKeys: ['event#*', 'heard#*'],
      workflow,
      // HR systems wait 3 s for the answer, a cold start included, and the processor decides how long that takes.
      memorySize: 1024,
    });
    const hrInvite = new BundledFunction(this, 'hr-invite', {
      config,
      table,
      lookupSecretArn: this.lookupSecretArn,
      description: 'Makes an invitation of an event: looks the address up, and queues the request',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      // The gate's item has the changes of channels' ids.
      tableKeys: ['event#*', 'invite#*', ...(config.lifecycle ? ['gate#*'] : [])],
      readsGrants: true,
      memorySize: 512,
    });

    new Workflow(this, 'workflow', {
      name: workflow.name,
      comment: 'One event of an HR system: its address, then one invitation',
      config,
      functions: [hrInvite, laneTicket, inviteTurn],
      states: (scope) =>
        eventStates(scope, {
          hrInvite: hrInvite.live,
          laneTicket: laneTicket.live,
          inviteTurn: inviteTurn.live,
          failed: failed(scope),
        }),
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_S),
    });
  }
}
