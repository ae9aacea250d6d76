import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { trimmed } from '../lib/text.ts';
import { type Delivery, headerOf } from './delivery.ts';
import { type Auth, type HeaderAuth, type HmacAuth, type Path, valueAt } from './provider.ts';
import {
  decodeBase64,
  hmacKey,
  LEAST_SECRET_BYTES,
  parseTimestamp,
  signaturesIn,
  signedValue,
} from './signatures.ts';

/** Why a delivery is not believed: for metrics and tests, never for the sender. */
export const REFUSALS = [
  'no_secret',
  'short_secret',
  'missing_header',
  'malformed_signature',
  'too_many_signatures',
  'bad_signature',
  'bad_credentials',
  'malformed_timestamp',
  'stale',
] as const;

export type AuthRefusal = (typeof REFUSALS)[number];

/** Whether a secret that was put in a moment ago could change the verdict. */
export const isAboutSecrets = (verdict: 'verified' | AuthRefusal): boolean =>
  ['no_secret', 'short_secret', 'bad_signature', 'bad_credentials'].includes(verdict);

/**
 * Decides whether a delivery comes from who knows one of the secrets.
 *
 * @param secrets the source's own, several while they are rotated. One that is shorter than 16 bytes,
 *   or that does not decode, is as if it were not there.
 * @param now epoch milliseconds.
 */
export const verify = (
  auth: DeliveryAuth,
  secrets: readonly string[],
  delivery: Delivery,
  now: number,
): 'verified' | AuthRefusal => {
  const known = usable(secrets);
  if (known.length === 0) return noneOf(secrets);
  if ('hmac' in auth) return verifyHmac(auth.hmac, known, delivery, now);
  if ('header' in auth) return verifyHeader(auth.header, known, delivery);
  return verifyBasic(known, delivery);
};

/** The schemes by which a delivery proves itself as a whole, before anything of it is read. */
export type DeliveryAuth = Exclude<Auth, { body: Path }>;

/**
 * The other scheme: each event has the secret in it. A delivery may have events of others, who name
 * this address to the same sender.
 *
 * @returns those with one of the secrets at the path, or why there are none.
 */
export const genuineOf = (
  path: Path,
  secrets: readonly string[],
  payloads: readonly unknown[],
): unknown[] | AuthRefusal => {
  const known = usable(secrets);
  if (known.length === 0) return noneOf(secrets);
  const genuine = payloads.filter((payload) => {
    const value = valueAt(payload, path);
    return typeof value === 'string' && known.some((secret) => equalTexts(value, secret));
  });
  return genuine.length > 0 ? genuine : 'bad_credentials';
};

const usable = (secrets: readonly string[]): string[] =>
  secrets.filter((secret) => Buffer.byteLength(trimmed(secret)) >= LEAST_SECRET_BYTES);

/** Why none can be used: somebody put one in that can be guessed, or nobody did. */
const noneOf = (secrets: readonly string[]): AuthRefusal =>
  secrets.some((secret) => trimmed(secret) !== '') ? 'short_secret' : 'no_secret';

const verifyHmac = (
  auth: HmacAuth,
  secrets: readonly string[],
  delivery: Delivery,
  now: number,
): 'verified' | AuthRefusal => {
  const decoded = secrets.map((secret) => hmacKey(secret, auth));
  const keys = decoded.filter((key): key is Buffer => key instanceof Buffer);
  if (keys.length === 0) return decoded.includes('short') ? 'short_secret' : 'no_secret';

  const header = headerOf(delivery, auth.header);
  if (header === undefined) return 'missing_header';
  const signatures = signaturesIn(header, auth);
  if (typeof signatures === 'string') return signatures;

  const signed = signedBytes(auth, delivery);
  if (!signed) return 'missing_header';
  const genuine = keys.some((key) => {
    const expected = digest(auth.hash, key, signed);
    return signatures.some((signature) => equalBytes(signature, expected));
  });
  if (!genuine) return 'bad_signature';
  // Only now: a forged delivery tells nothing of clocks.
  return auth.timestamp ? checkTime(auth.timestamp, delivery, now) : 'verified';
};

const signedBytes = ({ signed }: HmacAuth, delivery: Delivery): (string | Buffer)[] | undefined => {
  const parts = signed.map((part) => {
    if (part === 'body') return delivery.body;
    return 'text' in part ? part.text : signedValue(part, delivery);
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
};

const digest = (hash: HmacAuth['hash'], key: Buffer, parts: (string | Buffer)[]): Buffer => {
  const hmac = createHmac(hash, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

const checkTime = (
  { format, toleranceSeconds, ...place }: NonNullable<HmacAuth['timestamp']>,
  delivery: Delivery,
  now: number,
): 'verified' | AuthRefusal => {
  const text = signedValue(place, delivery);
  if (text === undefined) return 'missing_header';
  const time = parseTimestamp(text, format);
  if (time === undefined) return 'malformed_timestamp';
  const stale = toleranceSeconds !== undefined && Math.abs(now - time) > toleranceSeconds * 1000;
  return stale ? 'stale' : 'verified';
};

const verifyHeader = (
  { name, prefix = '' }: HeaderAuth,
  secrets: readonly string[],
  delivery: Delivery,
): 'verified' | AuthRefusal => {
  const value = headerOf(delivery, name);
  if (value === undefined) return 'missing_header';
  const genuine = secrets.some((secret) => equalTexts(value, `${prefix}${secret}`));
  return genuine ? 'verified' : 'bad_credentials';
};

const BASIC = /^basic +(\S+)$/i;

/** HTTP Basic (RFC 7617): a secret is the whole `user:password`. */
const verifyBasic = (secrets: readonly string[], delivery: Delivery): 'verified' | AuthRefusal => {
  // Without a password the user's name alone would do, and that is not a secret.
  const known = secrets.filter((secret) => /^[^:]*:./s.test(secret));
  if (known.length === 0) return 'no_secret';
  const value = headerOf(delivery, 'authorization');
  if (value === undefined) return 'missing_header';
  const presented = decodeBase64(BASIC.exec(value)?.[1] ?? '');
  const genuine = presented && known.some((secret) => equalTexts(presented, secret));
  return genuine ? 'verified' : 'bad_credentials';
};

const equalBytes = (one: Buffer, other: Buffer) =>
  one.length === other.length && timingSafeEqual(one, other);

/** Compares hashes, so that the time taken does not tell a secret's length either. */
const equalTexts = (one: string | Buffer, other: string) =>
  timingSafeEqual(sha256(one), sha256(other));

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest();
