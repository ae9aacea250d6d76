import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { grantTable, ledgerTable } from '../aws/ledger-table.ts';
import { pointerTable, renamedTable } from '../aws/life-table.ts';
import { gateTable } from '../aws/pace-table.ts';
import { SLACK_TOKEN, secretReader } from '../aws/secret.ts';
import { createChannelIds } from '../invites/channel-ids.ts';
import { createGate } from '../invites/gate.ts';
import { createLedger } from '../invites/ledger.ts';
import { createAdmission } from '../invites/policy.ts';
import { createCredentials } from '../invites/slack-call.ts';
import type { SenderEnvironment } from '../lambda/environment.ts';
import { SECRET_READ_MS, TELL_MS } from '../lib/times.ts';
import { createSlackClient, slackBaseUrl } from '../slack/client.ts';
import { createTokenSource, tokenEnd } from '../slack/token.ts';
import { secretAway } from '../telemetry/metrics.ts';

/** When the token ends, in epoch milliseconds; undefined for one that does not, or was not read yet. */
export type TokenEnd = { endsAt?: number | undefined };

/** No invite has it. */
const NO_INVITE = `inv1_${'0'.repeat(32)}`;

/**
 * What every function that calls Slack works with, once a process. It reads the token, and something of
 * the table, whose connection then stands: while a function starts it has a whole processor, and
 * afterwards its share of one.
 *
 * @returns the domain's ports on AWS, the table, and what is known of the token.
 */
export const createSender = async (environment: SenderEnvironment) => {
  const { tableName, secretArn, slackApiUrl, policy, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };

  const token: TokenEnd = {};
  const readToken = secretReader(secretArn, SLACK_TOKEN, (text, writtenAt) => {
    token.endsAt = tokenEnd(text, writtenAt);
  });
  const tokens = createTokenSource(readToken, Date.now, secretAway(environment));
  const { retentionDays, lifecycle } = config;
  const store = ledgerTable(table, lifecycle?.remindBeforeDays);
  const ledger = createLedger(store, retentionDays, Date.now, lifecycle && eventBus(TELL_MS));
  const signal = AbortSignal.timeout(SECRET_READ_MS);
  // Where one of them fails, the first request tries again, and tells.
  await Promise.allSettled([tokens.get(), ledger.read(NO_INVITE, { signal })]);
  const slack = createSlackClient(slackBaseUrl(slackApiUrl));
  // Only where somebody follows Slack's events is anything written for them, or learned from them.
  const renamed = lifecycle && renamedTable(table);
  const ids = renamed && createChannelIds(renamed, ledger.read);
  return {
    table,
    ports: {
      admission: createAdmission(policy, grantTable(table), Date.now, ids),
      ledger,
      gate: createGate(gateTable(table, renamed?.told), config),
      credentials: createCredentials(tokens, slack, config.workspace),
      slack,
      ids,
      point: lifecycle && pointerTable(table, retentionDays),
    },
    token,
  };
};
