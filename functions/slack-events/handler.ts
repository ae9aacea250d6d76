import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readEventsEnvironment } from '../lambda/environment.ts';
import { deliveryOf } from '../lambda/http-body-parser.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import { createStackEventDoor } from '../wiring/event-door.ts';
import { type EventContext, eventMetrics } from './event-metrics.ts';

const environment = readEventsEnvironment(process.env);
const open = await createStackEventDoor(environment);

/** `POST /slack/events`: from a signed event to a changed invite, within 3 seconds. */
export const handler = middy<APIGatewayProxyEventV2, HttpResponse, Error, EventContext>(nothingSent)
  .use(eventMetrics(environment))
  .handler(async (event, context) => {
    const result = await open(deliveryOf(event), invocationOf(context));
    context.result = result;
    if ('refused' in result) {
      const message = result.status === 401 ? 'Unauthorized' : result.refused;
      return answer(result.status, { message }, { 'x-slack-no-retry': '1' });
    }
    return answer(200, 'challenge' in result ? { challenge: result.challenge } : {});
  });

const answer = (statusCode: number, body: object, headers = {}): HttpResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
