import { createHmac } from 'node:crypto';
import type { Auth, HmacAuth } from '../../functions/webhooks/provider.ts';
import { PROVIDERS } from '../../functions/webhooks/providers.ts';
import { SOURCES, type SourceName, signingSecret } from './sources.ts';

/** The sources that have a secret, so that somebody can deliver to them. */
export const SENDERS = (Object.keys(SOURCES) as SourceName[]).filter((name) => name !== 'unset');

/** What a sender signs with beside the body: when, in epoch milliseconds, and the delivery's id. */
type Signing = { at: number; id: string; secret: string };

/**
 * Signs as a row describes it, and with nothing of the code that verifies. That the row describes
 * the provider is shown by its samples, whose signatures are literals.
 *
 * @returns the headers of a sender who knows the source's secret, or `secret` in its place.
 */
export const signed = (
  source: SourceName,
  body: string | Buffer,
  { at = Date.now(), id = 'msg_1', secret = signingSecret(source) }: Partial<Signing> = {},
): Record<string, string> => {
  const auth = authOf(source);
  if ('hmac' in auth) return hmacHeaders(auth.hmac, body, { at, id, secret });
  if ('header' in auth) return { [auth.header.name]: `${auth.header.prefix ?? ''}${secret}` };
  return { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
};

const authOf = (source: SourceName): Auth => {
  const { provider, auth } = SOURCES[source];
  const row = PROVIDERS[provider].auth;
  return row === 'operator' ? (auth as Auth) : row;
};

const hmacHeaders = (
  { hash, header, prefix = '', encoding, key, keyPrefix = '', signed, timestamp }: HmacAuth,
  body: string | Buffer,
  { at, id, secret }: Signing,
): Record<string, string> => {
  const headers: Record<string, string> = {};
  const text = secret.replace(new RegExp(`^${keyPrefix}`), '');
  const hmac = createHmac(hash, Buffer.from(text, key));
  for (const part of signed) {
    if (part === 'body') hmac.update(body);
    else if ('text' in part) hmac.update(part.text);
    else {
      // What is signed beside the body is a time, or else the delivery's id.
      const isTime = part.header === timestamp?.header;
      const time = timestamp?.format === 'milliseconds' ? at : Math.floor(at / 1000);
      headers[part.header] = isTime ? String(time) : id;
      hmac.update(headers[part.header] as string);
    }
  }
  return { ...headers, [header]: prefix + hmac.digest(encoding) };
};
