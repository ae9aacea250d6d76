import { type Delivery, headerOf } from './delivery.ts';
import type { HeaderPart, HmacAuth, TimestampRule } from './provider.ts';

/** While keys are rotated a sender signs with each of them; nobody has twenty. */
const MAX_SIGNATURES = 20;

/**
 * Reads the signatures in a header. What lacks the prefix is another version's and is passed over;
 * what has it and cannot be decoded spoils the header, as when the header was given twice.
 *
 * @returns at least one signature, or why there is none.
 */
export const signaturesIn = (
  value: string,
  { prefix = '', separator, encoding }: HmacAuth,
): Buffer[] | 'malformed_signature' | 'too_many_signatures' => {
  const items = separator === undefined ? [value] : itemsOf(value, separator, prefix);
  if (items.length > MAX_SIGNATURES) return 'too_many_signatures';

  const decode = encoding === 'hex' ? decodeHex : decodeBase64;
  const signatures: Buffer[] = [];
  for (const item of items) {
    if (item === '' || !item.startsWith(prefix)) continue;
    const signature = decode(item.slice(prefix.length));
    if (!signature) return 'malformed_signature';
    signatures.push(signature);
  }
  return signatures.length === 0 ? 'malformed_signature' : signatures;
};

/** Senders write blanks around what separates them, and some a second set of items after a blank. */
const itemsOf = (value: string, separator: string, prefix: string): string[] =>
  value
    .split(separator)
    .flatMap((item) => (prefix.includes(' ') ? [item.trim()] : item.trim().split(/\s+/)));

/** @returns what a header or its `part=value` says, byte for byte. */
export const signedValue = (
  { header, part }: HeaderPart,
  delivery: Delivery,
): string | undefined => {
  const value = headerOf(delivery, header);
  if (value === undefined || part === undefined) return value;
  const own = value.split(/[,;\s]+/).find((item) => item.startsWith(`${part}=`));
  return own?.slice(part.length + 1) || undefined;
};

/** What has fewer bytes can be guessed: an empty key would verify what anybody can sign. */
export const LEAST_SECRET_BYTES = 16;

/**
 * Makes the key of a keyed hash out of a secret's text.
 * @returns undefined for what does not decode, and `short` for a key that can be guessed.
 */
export const hmacKey = (
  secret: string,
  { key, keyPrefix = '' }: HmacAuth,
): Buffer | 'short' | undefined => {
  const text = secret.startsWith(keyPrefix) ? secret.slice(keyPrefix.length) : secret;
  const bytes = key === 'base64' ? decodeBase64(text) : Buffer.from(text, 'utf8');
  return bytes && bytes.length < LEAST_SECRET_BYTES ? 'short' : bytes;
};

const SECONDS = /^\d{1,11}$/;
const MILLISECONDS = /^\d{1,14}$/;
// With a zone: a time without one may be anybody's. Senders write +0000 and +00:00.
const ISO_8601 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:(Z)|([+-]\d\d):?(\d\d))$/;

/** @returns the time in epoch milliseconds, or undefined if the text is not of the format. */
export const parseTimestamp = (
  text: string,
  format: TimestampRule['format'],
): number | undefined => {
  if (format === 'milliseconds') return MILLISECONDS.test(text) ? Number(text) : undefined;
  if (SECONDS.test(text)) return Number(text) * 1000;
  return format === 'seconds_or_iso8601' ? parseIso8601(text) : undefined;
};

const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/;

/**
 * Reads the time that an event names: Unix time in seconds or milliseconds, or ISO 8601. Without a zone
 * it is taken as UTC, and a day as its beginning.
 * @returns epoch milliseconds, or undefined for what is no time.
 */
export const parseTime = (text: string): number | undefined => {
  if (SECONDS.test(text)) return Number(text) * 1000;
  if (MILLISECONDS.test(text)) return Number(text);
  const [, day, time = '00:00', seconds = ':00', , hours, minutes] = TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const epoch = Date.parse(`${day}T${time}${seconds}${zone}`);
  return Number.isNaN(epoch) ? undefined : epoch;
};

const parseIso8601 = (text: string): number | undefined => {
  const [, time, utc, hours, minutes] = ISO_8601.exec(text) ?? [];
  if (time === undefined) return undefined;
  const epoch = Date.parse(utc ? `${time}Z` : `${time}${hours}:${minutes}`);
  return Number.isNaN(epoch) ? undefined : epoch;
};

const BASE64 = /^[\w+/-]+={0,2}$/;
const HEX = /^([0-9a-f]{2})+$/i;

/**
 * Reads base64 in either alphabet, padded or not, as senders differ in both.
 * @returns undefined for anything else, the empty text included.
 */
export const decodeBase64 = (text: string): Buffer | undefined => {
  if (!BASE64.test(text)) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const tail = (text.length - padding) % 4;
  // One digit alone carries no byte, and padding fills up to four or is left out.
  if (tail === 1 || (padding > 0 && tail + padding !== 4)) return undefined;
  return Buffer.from(text, 'base64');
};

/** Reads hexadecimal in either case. @returns undefined for anything else. */
export const decodeHex = (text: string): Buffer | undefined =>
  HEX.test(text) ? Buffer.from(text, 'hex') : undefined;
