import { eventBus } from '../aws/bus.ts';
import { awsClient } from '../aws/client.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { lifeTable, renamedTable } from '../aws/life-table.ts';
import { SIGNING_SECRETS, secretReader } from '../aws/secret.ts';
import type { EventsEnvironment } from '../lambda/environment.ts';
import { createEventDoor, type EventDoor, SLACK } from '../lifecycle/door.ts';
import { createFollow } from '../lifecycle/follow.ts';
import { createSecrets, onlySender } from '../webhooks/secrets.ts';

/**
 * Puts the door for Slack's events together with its adapters, once a process, and reads what Slack
 * signs with, as invites.ts reads the token.
 */
export const createStackEventDoor = async (environment: EventsEnvironment): Promise<EventDoor> => {
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
      tell: eventBus(),
      retentionDays: config.retentionDays,
    }),
  });
};
