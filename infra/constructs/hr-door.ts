import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { WORKFLOW_TIMEOUT_S } from '../../functions/lib/times.ts';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import { eventStates } from './event-states.ts';
import type { LedgerTable } from './ledger-table.ts';
import { failed } from './noted.ts';
import { WebhookSecret } from './webhook-secret.ts';
import { Workflow } from './workflow.ts';
import type { WorkflowArns } from './workflow-arns.ts';

export interface HrDoorProps {
  config: Config;
  table: LedgerTable;
  /** The workflow of events, as it will be. */
  workflow: WorkflowArns;
  laneTicket: BundledFunction;
  inviteTask: BundledFunction;
}

/** The door for HR systems: its two functions, their secret, and the workflow of events. */
export class HrDoor extends Construct {
  readonly webhook: BundledFunction;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: HrDoorProps) {
    super(scope, id);
    const { config, table, workflow, laneTicket, inviteTask } = props;
    const webhookSecret = new WebhookSecret(this, 'webhook-secrets');
    const shared = { config, table, webhookSecret };
    this.secretArn = webhookSecret.secretArn;

    this.webhook = new BundledFunction(this, 'hr-webhook', {
      ...shared,
      description: 'GET and POST /webhooks/{source}',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      // The route is open to the internet: an intruder would find no invite and no gate here.
      tableKeys: ['event#*'],
      workflow,
      // HR systems wait 3 s for the answer, a cold start included, and the processor decides how long that takes.
      memorySize: 1024,
    });
    const hrInvite = new BundledFunction(this, 'hr-invite', {
      ...shared,
      description: 'Makes an invitation of an event: looks the address up, and queues the request',
      tableActions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      tableKeys: ['event#*', 'invite#*'],
      readsGrants: true,
      memorySize: 512,
    });

    new Workflow(this, 'workflow', {
      name: workflow.name,
      comment: 'One event of an HR system: its address, then one invitation',
      config,
      functions: [hrInvite, laneTicket, inviteTask],
      states: (scope) =>
        eventStates(scope, {
          hrInvite: hrInvite.live,
          laneTicket: laneTicket.live,
          inviteTask: inviteTask.live,
          failed: failed(scope),
        }),
      // A day for the address to appear, at most two for the retries until then, and the wait in the
      // queue.
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_S).plus(Duration.days(4)),
    });
  }
}
