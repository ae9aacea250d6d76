import type { HmacAuth } from './auth.ts';
import { decodeBase64 } from './encoded.ts';

/**
 * Makes the key of a keyed hash out of a secret's text.
 * @returns undefined if nothing is left of it: an empty key would verify what anybody can sign.
 */
export const secretBytes = (
  secret: string,
  { key, keyPrefix = '' }: HmacAuth,
): Buffer | undefined => {
  const text = secret.startsWith(keyPrefix) ? secret.slice(keyPrefix.length) : secret;
  if (text === '') return undefined;
  return key === 'base64' ? decodeBase64(text) : Buffer.from(text, 'utf8');
};
