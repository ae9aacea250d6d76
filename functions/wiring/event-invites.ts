import { awsClient } from '../aws/client.ts';
import { ledgerTable } from '../aws/ledger-table.ts';
import { recordTable } from '../aws/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import { createEnqueue } from '../invites/enqueue.ts';
import { createLedger } from '../invites/ledger.ts';
import type { HrEnvironment } from '../lambda/environment.ts';
import { createEvaluate, createSandbox, type Evaluate } from '../webhooks/expression.ts';
import { type LookupResult, lookup } from '../webhooks/lookup.ts';
import { lookupOrigin } from '../webhooks/lookup-request.ts';
import { createAccessTokens } from '../webhooks/lookup-token.ts';
import {
  createMakeInvite,
  type EventInvites,
  type MakeInvitePorts,
} from '../webhooks/make-invite.ts';
import { createSecrets, type Secrets } from '../webhooks/secrets.ts';
import type { HrSource } from '../webhooks/source.ts';

/** Puts the domain behind the events' workflow together with its adapters, once a process. */
export const createEventInvites = (environment: HrEnvironment): EventInvites => {
  const { tableName, webhookSecretArn, policy, sources, config } = environment;
  const { retentionDays } = config;
  const table = { client: awsClient('dynamodb'), name: tableName };
  const ledger = createLedger(ledgerTable(table), retentionDays);

  return createMakeInvite({
    records: recordTable(table, retentionDays),
    enqueue: createEnqueue({ policy, ledger }),
    lookup: createLookup({
      sources: new Map(Object.entries(sources)),
      secrets: createSecrets(secretReader(webhookSecretArn, WEBHOOK_SECRETS)),
      evaluate: createEvaluate(createSandbox()),
      origin: lookupOrigin(environment.lookupOrigin),
    }),
  });
};

type Ports = {
  sources: ReadonlyMap<string, HrSource>;
  secrets: Secrets;
  evaluate: Evaluate;
  /** See `lookupOrigin`. */
  origin: URL | undefined;
};

/** Looks a person up in an HR source, as the deployment of today says, and logs what failed. */
export const createLookup = ({
  sources,
  secrets,
  evaluate,
  origin,
}: Ports): MakeInvitePorts['lookup'] => {
  const tokens = createAccessTokens();
  const lookUp = async (source: string, person: string): Promise<LookupResult> => {
    const settings = sources.get(source)?.lookup;
    if (!settings) return { failed: 'no_credential', retryable: false };
    const { lookup: credential } = await secrets.of(source);
    return lookup(settings, person, { credential, evaluate, tokens, origin });
  };

  return async (source, person, event) => {
    const result = await lookUp(source, person);
    if ('failed' in result) {
      console.warn({ event: 'lookup_failed', id: event, source, reason: result.failed });
    }
    if ('leftOut' in result) {
      console.info({
        event: 'values_left_out',
        id: event,
        source,
        field: 'email',
        count: result.leftOut,
      });
    }
    return result;
  };
};
