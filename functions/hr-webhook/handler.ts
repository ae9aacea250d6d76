import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { CLIENT } from '../runtime/aws-client.ts';
import { required } from '../runtime/environment.ts';
import { readHrEnvironment } from '../runtime/hr-environment.ts';
import type { HttpResponse } from '../runtime/problem.ts';
import { recordTable } from '../runtime/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../runtime/secret.ts';
import { deadlineOf, untilDeadline } from '../runtime/time-left.ts';
import { nothingSent } from '../runtime/timed.ts';
import { executionsOf } from '../runtime/workflow.ts';
import { configuredSources } from '../webhooks/configured-sources.ts';
import { createSandbox } from '../webhooks/expression-sandbox.ts';
import { createReceive } from '../webhooks/receive.ts';
import { executionInput, executionName } from '../webhooks/record.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import { deliveryOf } from './delivery.ts';
import { createDoor } from './door.ts';
import { type DeliveryContext, observedDelivery } from './observed-delivery.ts';

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
