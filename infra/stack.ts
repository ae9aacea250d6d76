import { type App, CfnOutput, Duration, Stack, Tags } from 'aws-cdk-lib';
import { WORKFLOW_TIMEOUT_S } from '../functions/lib/times.ts';
import { codeVersion } from './config/code-version.ts';
import { eventsWorkflowName, type FunctionName, workflowName } from './config/physical-names.ts';
import { type Config, hasSources } from './config/schema.ts';
import { BundledFunction } from './constructs/bundled-function.ts';
import { HrDoor } from './constructs/hr-door.ts';
import { InvitesHttpApi } from './constructs/http-api.ts';
import { InviteFunction } from './constructs/invite-function.ts';
import { inviteStates } from './constructs/invite-states.ts';
import { LaneTicketFunction } from './constructs/lane-ticket-function.ts';
import { ledgerTable } from './constructs/ledger-table.ts';
import { failed } from './constructs/noted.ts';
import { Observability } from './constructs/observability.ts';
import { SlackEventsDoor } from './constructs/slack-events-door.ts';
import { SlackSecret } from './constructs/slack-secret.ts';
import { SweepFunction } from './constructs/sweep-function.ts';
import { Workflow } from './constructs/workflow.ts';
import { workflowArns } from './constructs/workflow-arns.ts';

/**
 * Slack Connect invitations: one ledger, one token, three doors, and a workflow for requests that
 * can wait. Every fixed name contains the stack's, so a stack of another name fits into the same account
 * and region.
 */
export class InvitesStack extends Stack {
  constructor(scope: App, config: Config) {
    super(scope, config.stackName, {
      terminationProtection: true,
      description:
        'Slack Connect invitations by HTTP and as a task of a state machine, at once or paced by a workflow',
    });

    Tags.of(this).add('slack-connect-invites', config.stackName);

    const table = ledgerTable(this, 'ledger', config.tableArn);
    const secret = new SlackSecret(this, 'slack-token', config.secretArn);
    const workflow = workflowArns(this, workflowName(config.stackName));
    const eventsWorkflow = workflowArns(this, eventsWorkflowName(config.stackName));

    const inviteApi = new InviteFunction(this, 'invite-api', {
      description: 'POST and GET /invites, GET and DELETE /invites/{id}',
      config,
      table,
      secret,
      workflow,
    });
    const inviteTask = new InviteFunction(this, 'invite-task', {
      description: 'One invitation, as a task of a state machine',
      config,
      table,
      secret,
      workflow,
    });
    const inviteTurn = new InviteFunction(this, 'invite-turn', {
      description: "The workflow's own steps: a queued request's turn, and its end",
      config,
      table,
      secret,
    });
    const laneTicket = new LaneTicketFunction(this, 'lane-ticket', { config, table });
    new Workflow(this, 'workflow', {
      name: workflow.name,
      comment: 'One invitation: a ticket of the lane, its turn, the call to Slack',
      config,
      functions: [laneTicket, inviteTurn],
      states: (scope) =>
        inviteStates(scope, {
          laneTicket: laneTicket.live,
          inviteTurn: inviteTurn.live,
          failed: failed(scope),
        }),
      timeout: Duration.seconds(WORKFLOW_TIMEOUT_S),
    });
    new SweepFunction(this, 'sweep', { config, table, workflow, eventsWorkflow });
    const api = new InvitesHttpApi(this, 'http-api', inviteApi.live, config);
    const hrDoor = new HrDoor(this, 'hr', {
      config,
      table,
      workflow: eventsWorkflow,
      laneTicket,
      inviteTurn,
    });
    if (hasSources(config) && !config.webhooks.closed) api.addWebhooks(hrDoor.webhook.live);
    const slackEvents =
      config.lifecycle && new SlackEventsDoor(this, 'slack-events-door', { config, table });
    if (slackEvents) api.addSlackEvents(slackEvents.function.live);
    if (config.observability) {
      const built = this.node.findAll().filter((one) => one instanceof BundledFunction);
      new Observability(this, 'observability', {
        observability: config.observability,
        parts: {
          stack: config.stackName,
          functions: built.map(({ node }) => node.id as FunctionName),
          logGroups: built.map(({ logGroup }) => logGroup.logGroupName),
          longestWaitHours: config.observability.longestWaitHours,
        },
      });
    }

    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'Base address of the HTTP door' });
    new CfnOutput(this, 'SecretArn', {
      value: secret.secretArn,
      description: 'Put the token here',
    });
    new CfnOutput(this, 'TableName', {
      value: table.tableName,
      description: 'Invites, gate and lane',
    });
    new CfnOutput(this, 'InviteTaskArn', {
      value: inviteTask.live.functionArn,
      description: 'Resource of a Task state',
    });
    new CfnOutput(this, 'WorkflowArn', {
      value: workflow.stateMachine,
      description: 'Workflow of the queued requests',
    });
    new CfnOutput(this, 'CodeVersion', {
      value: codeVersion(),
      description: 'The code that was deployed; the doctor compares it with a checkout',
    });
    if (hrDoor.webhookSecretArn) {
      new CfnOutput(this, 'WebhookSecretArn', {
        value: hrDoor.webhookSecretArn,
        description: 'Put what the HR sources sign with here',
      });
    }
    if (hrDoor.lookupSecretArn) {
      new CfnOutput(this, 'LookupSecretArn', {
        value: hrDoor.lookupSecretArn,
        description: "Put the credentials of the HR sources' lookups here",
      });
    }
    if (slackEvents) {
      new CfnOutput(this, 'SigningSecretArn', {
        value: slackEvents.signingSecretArn,
        description: "Put the Slack app's signing secret here",
      });
    }
    if (api.domainTarget) {
      new CfnOutput(this, 'DomainTarget', {
        value: api.domainTarget,
        description: 'Let domainName point here, by a CNAME or an alias record',
      });
    }
  }
}
