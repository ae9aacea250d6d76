import { awsClient } from '../aws/client.ts';
import { executionsOf } from '../aws/executions.ts';
import { progressTable, recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import type { WebhookEnvironment } from '../lambda/environment.ts';
import { secretAway } from '../telemetry/metrics.ts';
import { createDoor, type Door } from '../webhooks/door.ts';
import { createSandbox } from '../webhooks/expression.ts';
import { createReceive } from '../webhooks/receive.ts';
import { createReceiveParts } from '../webhooks/receive-parts.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSecrets } from '../webhooks/secrets.ts';

/**
 * Puts the webhooks' door together with its adapters, once a process, and reads the sources' secrets,
 * as invites.ts reads the token.
 */
export const createWebhookDoor = async (environment: WebhookEnvironment): Promise<Door> => {
  const { tableName, webhookSecretArn, workflowArn, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const { start, isOver } = executionsOf(workflowArn);
  // A map, because a source is looked up by a part of the URL, `constructor` included.
  const sources = new Map(Object.entries(environment.sources));
  // Without sources there is none, and nobody calls.
  const read = webhookSecretArn ? secretReader(webhookSecretArn, WEBHOOK_SECRETS) : async () => '';
  const secrets = createSecrets(read, Date.now, secretAway(environment));
  // All are in one secret. The first delivery tries again, and tells.
  await secrets.of('').catch(() => undefined);
  const sandbox = createSandbox();

  return createDoor({
    sources,
    secrets,
    sandbox,
    receive: createReceiveParts({
      receiver: createReceive({
        records: recordTable(table, config.retentionDays),
        start: (record, invocation) =>
          start(executionName(record), executionInput(record), invocation),
        isOver: (record, invocation) => isOver(executionName(record), invocation),
        sandbox,
      }),
      progress: progressTable(table),
    }),
  });
};
