import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createEnqueue } from '../invites/invite-queue.ts';
import { createLedger } from '../invites/ledger.ts';
import { CLIENT } from '../runtime/aws-client.ts';
import type { HrEnvironment } from '../runtime/hr-environment.ts';
import { ledgerTable } from '../runtime/ledger-table.ts';
import { recordTable } from '../runtime/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../runtime/secret.ts';
import { type Timed, untilDeadline } from '../runtime/time-left.ts';
import { configuredSources } from '../webhooks/configured-sources.ts';
import { createEvaluate } from '../webhooks/expression.ts';
import { createSandbox } from '../webhooks/expression-sandbox.ts';
import { lookupOrigin } from '../webhooks/lookup-origin.ts';
import { createMakeInvite, type EventInvites } from '../webhooks/make-invite.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import { createLookUp } from './look-up.ts';

/** Puts the domain together, once a process. @returns it for one invocation, with its end. */
export const createEventInvites = (
  environment: HrEnvironment,
): ((context: Timed) => EventInvites) => {
  const { tableName, webhookSecretArn, config } = environment;
  const client = new DynamoDBClient(CLIENT);
  const secretsManager = new SecretsManagerClient(CLIENT);
  const lookUp = createLookUp({
    sources: configuredSources(),
    secrets: createSecrets(secretReader(secretsManager, webhookSecretArn, WEBHOOK_SECRETS)),
    evaluate: createEvaluate(createSandbox()),
    origin: lookupOrigin(environment.lookupOrigin),
  });

  return (context) => {
    const signal = untilDeadline(context);
    const table = { client, name: tableName, signal };
    const ledger = createLedger(ledgerTable(table), config.retentionDays);
    return createMakeInvite({
      records: recordTable(table, config.retentionDays),
      enqueue: createEnqueue({ policy: config.policy, ledger }),
      lookUp,
    });
  };
};
