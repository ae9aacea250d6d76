import { secretReader, WEBHOOK_SECRETS } from '../aws/secret.ts';
import type { HrEnvironment } from '../lambda/environment.ts';
import { emfRecord, secretAway, writeEmf } from '../telemetry/metrics.ts';
import { createEvaluate, createSandbox } from '../webhooks/expression.ts';
import { type LookupResult, lookup } from '../webhooks/lookup.ts';
import { createAccessTokens, lookupOrigin } from '../webhooks/lookup-request.ts';
import type { MakeInvitePorts } from '../webhooks/make-invite.ts';
import { createLookupCredentials } from '../webhooks/secrets.ts';

/**
 * Looks a person up in an HR source, as the deployment of today says. Logs what failed, and tells of
 * the addresses that were left out.
 */
export const createLookup = (environment: HrEnvironment): MakeInvitePorts['lookup'] => {
  const { stack, functionName, sources, lookupSecretArn, lookupOrigin: override } = environment;
  // A stack whose last source is gone has none, while its executions run on.
  const read = lookupSecretArn ? secretReader(lookupSecretArn, WEBHOOK_SECRETS) : async () => '';
  const credentialOf = createLookupCredentials(read, secretAway(environment));
  const evaluate = createEvaluate(createSandbox());
  const tokens = createAccessTokens();
  const origin = lookupOrigin(override);

  const lookUp = async (source: string, person: string): Promise<LookupResult> => {
    const settings = Object.hasOwn(sources, source) ? sources[source]?.lookup : undefined;
    if (!settings) return { failed: 'no_credential', retryable: false };
    const credential = await credentialOf(source);
    return lookup(settings, person, { credential, evaluate, tokens, origin });
  };

  return async (source, person, event) => {
    const result = await lookUp(source, person);
    if ('failed' in result) {
      console.warn({ event: 'lookup_failed', id: event, source, reason: result.failed });
    }
    if ('leftOut' in result && result.leftOut) {
      const { leftOut: count } = result;
      console.info({ event: 'values_left_out', id: event, source, field: 'email', count });
      const dimensions = [['stack', 'source']];
      const properties = { stack, source, function: functionName, id: event };
      writeEmf(
        emfRecord(
          [{ dimensions, metrics: [['LeftOutValues', 'Count', count]] }],
          properties,
          Date.now(),
        ),
      );
    }
    return result;
  };
};
