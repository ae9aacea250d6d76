import { createLookupCredentials, createSecrets } from '../../functions/webhooks/secrets.ts';
import { LEAST_SECRET_BYTES } from '../../functions/webhooks/signatures.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { found, type Reported, sound } from './findings.ts';
import { readSecret } from './secret.ts';
import { outputOf, type Stack } from './stack.ts';

/**
 * The secrets of the HR sources, read as the functions read them.
 * @param sources of the deployed configuration.
 */
export const checkSources = async (
  stack: Stack,
  sources: Readonly<Record<string, HrSource>>,
): Promise<Reported[]> => {
  const names = Object.keys(sources);
  if (names.length === 0) return [sound('sources', 'the configuration has none')];
  const signing = outputOf(stack, 'WebhookSecretArn');
  const lookups = outputOf(stack, 'LookupSecretArn');
  const unreadable = (secret: string, error: Error) =>
    found('source_secrets_unreadable', { secret, reason: error.message });

  const text = await readSecret(stack, signing).catch((error: Error) => error);
  if (text instanceof Error) return [unreadable(signing, text)];
  const lookupText = await readSecret(stack, lookups).catch((error: Error) => error);
  if (lookupText instanceof Error) return [unreadable(lookups, lookupText)];

  const secrets = createSecrets(async () => text);
  const credentialOf = createLookupCredentials(async () => lookupText);
  const reported: Reported[] = [];
  for (const [source, { lookup }] of Object.entries(sources)) {
    const own = await secrets.of(source);
    if (own.signing.length === 0) {
      reported.push(found('source_without_secret', { source, secret: signing }));
    } else if (own.signing.some(isShort)) {
      reported.push(found('source_secret_short', { source, least: LEAST_SECRET_BYTES }));
    }
    const needsCredential =
      lookup?.token || JSON.stringify(lookup?.headers ?? {}).includes('{secret');
    if (needsCredential && (await credentialOf(source)) === undefined) {
      reported.push(found('source_without_credential', { source, secret: lookups }));
    }
  }
  return reported.length > 0 ? reported : [sound('sources', names.join(', '))];
};

const isShort = (secret: string) => Buffer.byteLength(secret.trim()) < LEAST_SECRET_BYTES;
