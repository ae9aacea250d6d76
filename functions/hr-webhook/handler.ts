import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readWebhookEnvironment } from '../lambda/environment.ts';
import { deliveryOf } from '../lambda/http-body-parser.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import { createWebhookDoor } from '../wiring/webhook-door.ts';
import { type DeliveryContext, deliveryMetrics } from './delivery-metrics.ts';

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
