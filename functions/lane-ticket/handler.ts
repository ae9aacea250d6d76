import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { CLIENT } from '../aws/client.ts';
import { laneTable } from '../aws/pace-table.ts';
import { takeTicket } from '../invites/lane.ts';
import type { QueueKey } from '../invites/queue.ts';
import { parseQueued } from '../invites/queue.ts';
import { nothingSent, untilDeadline } from '../lambda/deadline.ts';
import { readBaseEnvironment } from '../lambda/environment.ts';
import { throwing } from '../lambda/task-error-handler.ts';
import { type RequestContext, validated } from '../lambda/validator.ts';
import { observed } from '../telemetry/metrics-middleware.ts';

const environment = readBaseEnvironment(process.env);
const client = new DynamoDBClient(CLIENT);

/** When the workflow may knock at the gate: ISO 8601, as a Wait state takes it. */
type Ticket = { not_before: string };

/**
 * The workflow's first step: a ticket for one ask.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, Ticket, Error, RequestContext<QueueKey>>(nothingSent)
  .use(throwing())
  .use(observed(environment))
  .use(validated((event: object) => parseQueued({ ...event })))
  .handler(async (_event, context) => {
    const signal = untilDeadline(context);
    const lane = laneTable({ client, name: environment.tableName, signal });
    const { notBefore, ahead } = await takeTicket(lane, environment.config);
    context.observation.ticketTaken(ahead, context.request.id);
    return { not_before: new Date(notBefore).toISOString() };
  });
