import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CLIENT } from '../aws/client.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import { createEnqueue } from '../invites/enqueue.ts';
import { createLedger } from '../invites/ledger.ts';
import { type Timed, untilDeadline } from '../lambda/deadline.ts';
import type { HrEnvironment } from '../lambda/environment.ts';
import type { Evaluate } from '../webhooks/expression.ts';
import { createEvaluate, createSandbox } from '../webhooks/expression.ts';
import { type LookupResult, lookUp } from '../webhooks/lookup.ts';
import { lookupOrigin } from '../webhooks/lookup-request.ts';
import type { MakeInvitePorts } from '../webhooks/make-invite.ts';
import { createMakeInvite, type EventInvites } from '../webhooks/make-invite.ts';
import type { Secrets } from '../webhooks/secrets.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import type { WebhookSource } from '../webhooks/source.ts';
import { configuredSources } from '../webhooks/source.ts';

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

type Ports = {
  sources: ReadonlyMap<string, WebhookSource>;
  secrets: Secrets;
  evaluate: Evaluate;
  /** See `lookupOrigin`. */
  origin: URL | undefined;
};

/** Asks a source's HR system for a person, as the deployment of today says, and logs what failed. */
export const createLookUp = ({
  sources,
  secrets,
  evaluate,
  origin,
}: Ports): MakeInvitePorts['lookUp'] => {
  const ask = async (source: string, person: string): Promise<LookupResult> => {
    const lookup = sources.get(source)?.lookup;
    if (!lookup) return { failed: 'no_credential', retryable: false };
    const { lookup: credential } = await secrets.of(source);
    return lookUp(lookup, person, { credential, evaluate, origin });
  };

  return async (source, person, event) => {
    const result = await ask(source, person);
    if ('failed' in result) {
      console.warn({ event: 'lookup_failed', id: event, source, reason: result.failed });
    }
    return result;
  };
};
