import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { takeTicket } from '../invites/lane.ts';
import { parseQueued } from '../invites/parse-queued.ts';
import type { QueueKey } from '../invites/queue.ts';
import { CLIENT } from '../runtime/aws-client.ts';
import { readBaseEnvironment } from '../runtime/environment.ts';
import { laneTable } from '../runtime/lane-table.ts';
import { observed } from '../runtime/observed.ts';
import { throwing } from '../runtime/throwing.ts';
import { untilDeadline } from '../runtime/time-left.ts';
import { nothingSent } from '../runtime/timed.ts';
import { type RequestContext, validated } from '../runtime/validated.ts';

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
