import type { Evaluate } from '../webhooks/expression.ts';
import { type LookupResult, lookUp } from '../webhooks/lookup.ts';
import type { MakeInvitePorts } from '../webhooks/make-invite.ts';
import type { Secrets } from '../webhooks/secrets.ts';
import type { WebhookSource } from '../webhooks/source.ts';

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
