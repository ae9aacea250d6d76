import middy from '@middy/core';
import { awsClient } from '../aws/client.ts';
import { laneCell } from '../aws/pace-table.ts';
import { createLane } from '../invites/gate.ts';
import { parseQueued, type QueueKey } from '../invites/queue.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { readBaseEnvironment } from '../lambda/environment.ts';
import { taskErrorHandler, waitsForOperator } from '../lambda/task-error-handler.ts';
import { type Validated, validator } from '../lambda/validator.ts';
import { metrics, type ObservedContext } from '../telemetry/observation.ts';

type TicketContext = ObservedContext & Validated<QueueKey>;
/** When the workflow may knock at the gate: ISO 8601, as a Wait state takes it. */
type Ticket = { not_before: string };

const environment = readBaseEnvironment(process.env);
const table = { client: awsClient('dynamodb'), name: environment.tableName };
const takeTicket = createLane(environment.config);

/**
 * The workflow's first step: a ticket for one request.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, Ticket, Error, TicketContext>(nothingSent)
  .use(taskErrorHandler())
  .use(waitsForOperator())
  .use(metrics(environment))
  .use(validator((event: object) => parseQueued({ ...event })))
  .handler(async (_event, context) => {
    const { request, observation } = context;
    const invocation = invocationOf(context, observation.observer);
    const { notBefore, ahead } = await takeTicket(laneCell(table, invocation));
    observation.ticketTaken(ahead, request.id);
    return { not_before: new Date(notBefore).toISOString() };
  });
