import { awsClient } from '../aws/client.ts';
import { executionsOf } from '../aws/executions.ts';
import { recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import type { WebhookEnvironment } from '../lambda/environment.ts';
import { createDoor, type Door } from '../webhooks/door.ts';
import { createSandbox } from '../webhooks/expression.ts';
import { createReceive } from '../webhooks/receive.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSecrets } from '../webhooks/secrets.ts';

/** Puts the webhooks' door together with its adapters, once a process. */
export const createWebhookDoor = (environment: WebhookEnvironment): Door => {
  const { tableName, webhookSecretArn, workflowArn, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const { start } = executionsOf(workflowArn);
  const sandbox = createSandbox();

  return createDoor({
    // A map, because a source is looked up by a part of the URL, `constructor` included.
    sources: new Map(Object.entries(environment.sources)),
    secrets: createSecrets(secretReader(webhookSecretArn, WEBHOOK_SECRETS)),
    sandbox,
    receive: createReceive({
      records: recordTable(table, config.retentionDays),
      start: (record, invocation) =>
        start(executionName(record), executionInput(record), invocation),
      sandbox,
    }),
  });
};
