import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import { createLedger } from '../invites/ledger.ts';
import { createEnqueue } from '../invites/queue-invite.ts';
import { CLIENT } from '../runtime/aws-client.ts';
import { readHrEnvironment } from '../runtime/hr-environment.ts';
import { ledgerTable } from '../runtime/ledger-table.ts';
import { observed } from '../runtime/observed.ts';
import { recordTable } from '../runtime/record-table.ts';
import { secretReader, WEBHOOK_SECRETS } from '../runtime/secret.ts';
import { throwing } from '../runtime/throwing.ts';
import { deadlineOf } from '../runtime/time-left.ts';
import { nothingSent } from '../runtime/timed.ts';
import { type RequestContext, validated } from '../runtime/validated.ts';
import { configuredSources } from '../webhooks/configured-sources.ts';
import { createEvaluate } from '../webhooks/expression.ts';
import { createSandbox } from '../webhooks/expression-sandbox.ts';
import { lookUp } from '../webhooks/lookup.ts';
import { lookupOrigin } from '../webhooks/lookup-origin.ts';
import { createMakeInvite } from '../webhooks/make-invite.ts';
import { createSecrets } from '../webhooks/secrets.ts';
import { type EventTask, parseEventTask } from './input.ts';
import { type EventResult, eventResult } from './output.ts';

const environment = readHrEnvironment(process.env);
const { tableName, webhookSecretArn, config } = environment;
const sources = configuredSources();
const origin = lookupOrigin(environment.lookupOrigin);
const sandbox = createSandbox();
const client = new DynamoDBClient(CLIENT);
const secrets = createSecrets(
  secretReader(new SecretsManagerClient(CLIENT), webhookSecretArn, WEBHOOK_SECRETS),
);

/** Asks a source's HR system, as the deployment of today says. */
const lookUpAt = async (name: string, id: string) => {
  const lookup = sources.get(name)?.lookup;
  if (!lookup) return { failed: 'no_credential', retryable: false } as const;
  const { lookup: credential } = await secrets.of(name);
  const result = await lookUp(lookup, id, {
    credential,
    evaluate: createEvaluate(sandbox),
    origin,
  });
  if ('failed' in result) {
    console.warn({ event: 'lookup_failed', source: name, reason: result.failed });
  }
  return result;
};

/**
 * The first step of an event's workflow: from the record of an event to an ask in the queue.
 * @throws an error named after its class.
 */
export const handler = middy<unknown, EventResult, Error, RequestContext<EventTask>>(nothingSent)
  .use(throwing())
  .use(observed(environment))
  .use(validated(parseEventTask))
  .handler(async (_event, context) => {
    const { request, observation } = context;
    const { event, giveUp } = request;
    observation.inWorkflow();
    const signal = AbortSignal.timeout(Math.max(deadlineOf(context) - Date.now(), 0));
    const table = { client, name: tableName, signal };
    const ledger = createLedger(ledgerTable(table), config.retentionDays);
    const invites = createMakeInvite({
      records: recordTable(table, config.retentionDays),
      enqueue: createEnqueue({ policy: config.policy, ledger }),
      lookUp: lookUpAt,
    });
    if (giveUp) {
      await invites.giveUp(event);
      observation.gaveUp('SlackUnavailable', event);
      return { event };
    }
    const made = await invites.make(event);
    const { outcome, result } = eventResult(event, made);
    observation.ended(outcome, event);
    return result;
  });
