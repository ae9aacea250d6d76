import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { awsClient } from '../aws/client.ts';
import { executionsOf } from '../aws/executions.ts';
import { heardTable, progressTable, recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readWebhookEnvironment, type WebhookEnvironment } from '../lambda/environment.ts';
import { deliveryOf } from '../lambda/http-body-parser.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import { secretAway } from '../telemetry/metrics.ts';
import { createDoor, type Door } from '../webhooks/door.ts';
import { createSandbox } from '../webhooks/expression.ts';
import { createReceive } from '../webhooks/receive.ts';
import { createReceiveParts } from '../webhooks/receive-parts.ts';
import { eventExecutionInput, eventExecutionName } from '../webhooks/record.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import { createHeard } from '../webhooks/silence.ts';
import { type DeliveryContext, deliveryMetrics } from './delivery-metrics.ts';

/**
 * Puts the webhooks' door together with its adapters, once a process, and reads the sources' secrets,
 * as wiring/invites.ts reads the token.
 */
const createWebhookDoor = async (environment: WebhookEnvironment): Promise<Door> => {
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

  const watched = [...sources].filter(([, { silentAfterHours }]) => silentAfterHours !== undefined);
  const heard = createHeard(heardTable(table), new Set(watched.map(([name]) => name)));

  const open = createDoor({
    sources,
    secrets,
    sandbox,
    receive: createReceiveParts({
      receiver: createReceive({
        records: recordTable(table, config.retentionDays),
        start: (record, invocation) =>
          start(eventExecutionName(record), eventExecutionInput(record), invocation),
        isOver: (record, invocation) => isOver(eventExecutionName(record), invocation),
        sandbox,
      }),
      progress: progressTable(table),
    }),
  });
  return async (source, delivery, invocation) => {
    const result = await open(source, delivery, invocation);
    if ('received' in result) await heard(source, invocation);
    return result;
  };
};

const environment = readWebhookEnvironment(process.env);
const open = await createWebhookDoor(environment);
const known = new Set(Object.keys(environment.sources));

/** `GET|POST /webhooks/{source}`: from a signed delivery to a started workflow, within 3 seconds. */
export const handler = middy<APIGatewayProxyEventV2, HttpResponse, Error, DeliveryContext>(
  nothingSent,
)
  .use(deliveryMetrics(environment, known))
  .handler(async (event, context) => {
    const source = event.pathParameters?.source ?? '';
    context.source = source;
    const result = await open(source, deliveryOf(event), invocationOf(context));
    context.result = result;
    if ('failure' in result) throw result.failure;
    const { status, headers, body } = result.reply;
    return { statusCode: status, headers: { 'cache-control': 'no-store', ...headers }, body };
  });
