import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentials } from '../invites/credentials.ts';
import { createGate } from '../invites/gate.ts';
import type { Invite, Source } from '../invites/invite.ts';
import { createLedger } from '../invites/ledger.ts';
import type { Observer } from '../invites/observer.ts';
import type { InviteRequest } from '../invites/request.ts';
import { createSendInvite, type SentInvite } from '../invites/send.ts';
import { slackBaseUrl } from '../slack/base-url.ts';
import { createSlackClient } from '../slack/client.ts';
import { createTokenSource } from '../slack/token.ts';
import type { Environment } from './environment.ts';
import { gateTable } from './gate-table.ts';
import { ledgerTable } from './ledger-table.ts';
import { secretReader } from './secret.ts';
import type { Table } from './table.ts';
import { deadlineOf, leaseOf, type Timed } from './time-left.ts';

/** The domain on AWS, as a door uses it. */
export type Invites = {
  send(
    request: InviteRequest,
    source: Source,
    context: Timed,
    observe: Observer,
  ): Promise<SentInvite>;
  read(id: string, context: Timed): Promise<Invite | undefined>;
};

// Both services answer in milliseconds or not at all. Two attempts fit into the two seconds that are
// kept for the last write, so that a known outcome does not become an unknown one.
const CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 800, throwOnRequestTimeout: true },
};

/** Puts the domain together with its adapters: clients and the token once a process, the rest once an invocation. */
export const createInvites = ({
  tableName,
  secretArn,
  slackApiUrl,
  config,
}: Environment): Invites => {
  const client = new DynamoDBClient(CLIENT);
  const tokens = createTokenSource(secretReader(new SecretsManagerClient(CLIENT), secretArn));
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  const credentials = createCredentials(tokens, slack, config.workspace);

  const tableFor = (context: Timed): Table => ({
    client,
    name: tableName,
    signal: AbortSignal.timeout(Math.max(deadlineOf(context) - Date.now(), 0)),
  });
  const ledgerOf = (table: Table) => createLedger(ledgerTable(table), config.retentionDays);

  return {
    send(request, source, context, observe) {
      const table = tableFor(context);
      const sendInvite = createSendInvite({
        policy: config.policy,
        ledger: ledgerOf(table),
        gate: createGate(gateTable(table), config),
        credentials,
        slack,
      });
      return sendInvite(request, {
        source,
        deadline: deadlineOf(context),
        leaseUntil: leaseOf(context),
        observe,
      });
    },
    read: (id, context) => ledgerOf(tableFor(context)).read(id),
  };
};
