import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { CLIENT } from '../aws/client.ts';
import { executionsOf } from '../aws/executions.ts';
import { recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import { deadlineOf, nothingSent, untilDeadline } from '../lambda/deadline.ts';
import { readHrEnvironment, required } from '../lambda/environment.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import { createDoor } from '../webhooks/door.ts';
import { createSandbox } from '../webhooks/expression.ts';
import { createReceive } from '../webhooks/receive.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import { configuredSources } from '../webhooks/source.ts';
import { type DeliveryContext, observedDelivery } from './delivery-metrics.ts';

const { stack, tableName, webhookSecretArn, config } = readHrEnvironment(process.env);
const sources = configuredSources();
const sandbox = createSandbox();
const client = new DynamoDBClient(CLIENT);
const secrets = createSecrets(
  secretReader(new SecretsManagerClient(CLIENT), webhookSecretArn, WEBHOOK_SECRETS),
);
const executions = executionsOf(required(process.env, 'WORKFLOW_ARN'));

/** `GET|POST /webhooks/{source}`: from a signed delivery to a started workflow, within 3 seconds. */
export const handler = middy<APIGatewayProxyEventV2, HttpResponse, Error, DeliveryContext>(
  nothingSent,
)
  .use(observedDelivery(stack, new Set(sources.keys())))
  .handler(async (event, context) => {
    const signal = untilDeadline(context);
    const { start } = executions(signal);
    const receive = createReceive({
      records: recordTable({ client, name: tableName, signal }, config.retentionDays),
      start: (record) => start(executionName(record), executionInput(record)),
      sandbox,
      deadline: deadlineOf(context),
    });
    const source = event.pathParameters?.source ?? '';
    context.source = source;
    const result = await createDoor({ sources, secrets, receive })(source, deliveryOf(event));
    context.result = result;
    if ('failure' in result) throw result.failure;
    const { status, headers, body } = result.reply;
    return { statusCode: status, headers: { 'cache-control': 'no-store', ...headers }, body };
  });

/** The request as it was sent: the gateway hands binary bodies over in base64. */
export const deliveryOf = (event: APIGatewayProxyEventV2): Delivery => {
  const { headers = {}, body = '', isBase64Encoded, requestContext } = event;
  return {
    method: requestContext.http.method === 'GET' ? 'GET' : 'POST',
    headers,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
};
