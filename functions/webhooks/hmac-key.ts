import type { HmacAuth } from './auth.ts';
import { decodeBase64 } from './decode.ts';

/**
 * Makes the key of a keyed hash out of a secret's text.
 * @returns undefined if nothing is left of it: an empty key would verify what anybody can sign.
 */
export const hmacKey = (secret: string, { key, keyPrefix = '' }: HmacAuth): Buffer | undefined => {
  const text = secret.startsWith(keyPrefix) ? secret.slice(keyPrefix.length) : secret;
  if (text === '') return undefined;
  return key === 'base64' ? decodeBase64(text) : Buffer.from(text, 'utf8');
};
