import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Config } from './config/schema.ts';
import { InvitesHttpApi } from './constructs/http-api.ts';
import { InviteFunction } from './constructs/invite-function.ts';
import { LedgerTable } from './constructs/ledger-table.ts';
import { SlackSecret } from './constructs/slack-secret.ts';

/**
 * Slack Connect invitations: one ledger, one token, two doors. No part has a fixed physical name,
 * so a stack of another name can stand beside this one in the same account and region.
 */
export class InvitesStack extends Stack {
  constructor(scope: App, config: Config) {
    super(scope, config.stackName, {
      description: 'Slack Connect invitations by HTTP and as a task of a state machine',
    });

    const table = new LedgerTable(this, 'ledger');
    const secret = new SlackSecret(this, 'slack-token', config.secretArn);

    const inviteApi = new InviteFunction(this, 'invite-api', {
      description: 'POST /invites and GET /invites/{id}',
      config,
      table,
      secret,
    });
    const inviteTask = new InviteFunction(this, 'invite-task', {
      description: 'One invitation, as a task of a state machine',
      config,
      table,
      secret,
    });
    const api = new InvitesHttpApi(this, 'http-api', inviteApi, config);

    new CfnOutput(this, 'ApiUrl', { value: api.url, description: 'Base address of the HTTP door' });
    new CfnOutput(this, 'SecretArn', {
      value: secret.secretArn,
      description: 'Put the token here',
    });
    new CfnOutput(this, 'TableName', { value: table.tableName, description: 'Invites and gate' });
    new CfnOutput(this, 'InviteTaskArn', {
      value: inviteTask.functionArn,
      description: 'Resource of a Task state',
    });
  }
}
