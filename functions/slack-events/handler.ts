import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { lifeTable, renamedTable } from '../aws/lifecycle-table.ts';
import { SIGNING_SECRETS, secretReader } from '../aws/secret.ts';
import { invocationOf, nothingSent } from '../lambda/deadline.ts';
import { type EventsEnvironment, readEventsEnvironment } from '../lambda/environment.ts';
import { deliveryOf } from '../lambda/http-body-parser.ts';
import type { HttpResponse } from '../lambda/http-error-handler.ts';
import { createEventDoor, type EventDoor, SLACK } from '../lifecycle/door.ts';
import { createFollow } from '../lifecycle/follow.ts';
import { countTold } from '../telemetry/observation.ts';
import { createSecrets, onlySender } from '../webhooks/secrets.ts';
import { type EventContext, eventMetrics } from './event-metrics.ts';

/**
 * Puts the door for Slack's events together with its adapters, once a process, and reads what Slack
 * signs with, as wiring/invites.ts reads the token.
 */
const createStackEventDoor = async (environment: EventsEnvironment): Promise<EventDoor> => {
  const { tableName, signingSecretArn, config } = environment;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const read = secretReader(signingSecretArn, SIGNING_SECRETS);
  const secrets = createSecrets(async () => onlySender(await read(), SLACK));
  await secrets.of(SLACK).catch(() => undefined); // the first event tries again, and tells

  return createEventDoor({
    secrets,
    follow: createFollow({
      ledger: ledgerTable(table, config.lifecycle?.remindBeforeDays),
      life: lifeTable(table),
      renamed: renamedTable(table),
      tell: countTold(environment, eventBus()),
      retentionDays: config.retentionDays,
    }),
  });
};

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
