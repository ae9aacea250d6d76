import { cached } from '../lib/cached.ts';
import { trimmed } from '../lib/text.ts';
import { RENEWED_SECRETS_MS } from '../lib/times.ts';

/** What the secret holds for one source. */
type SourceSecrets = {
  /** Any one of them may have signed a delivery: two while one is rotated. */
  signing: readonly string[];
  /** The credential of its lookup. */
  lookup?: string;
};

export type Secrets = {
  of(source: string): Promise<SourceSecrets>;
  /**
   * The same, read anew if the last reading is a minute old: for a delivery that none of the known
   * secrets has signed. A forger gets no more than one reading a minute out of it.
   */
  renewed(source: string): Promise<SourceSecrets>;
};

/**
 * Keeps the secrets of all sources in memory for five minutes, and reads them once however many
 * callers want them at the same time.
 *
 * @param readSecret gives the secret's text; its errors pass through and are not remembered.
 * @param now milliseconds.
 */
export const createSecrets = (
  readSecret: () => Promise<string>,
  now: () => number = Date.now,
): Secrets => {
  const secret = cached(readSecret, now);
  return {
    of: async (source) => secretsOf(await secret.get(), source),
    renewed: async (source) => secretsOf(await secret.get(RENEWED_SECRETS_MS), source),
  };
};

/**
 * The secret is JSON with a member for each source: its signing secret, a list of them, or
 * `{"signing": [...], "lookup": "..."}`. Whatever else it is counts as no secret: nothing is
 * believed then.
 */
const secretsOf = (text: string, source: string): SourceSecrets => {
  const all = parse(clean(text));
  const own = isRecord(all) && Object.hasOwn(all, source) ? all[source] : undefined;
  if (!isRecord(own)) return { signing: texts(own) };
  const [lookup] = Array.isArray(own.lookup) ? [] : texts(own.lookup);
  return { signing: texts(own.signing), ...(lookup !== undefined && { lookup }) };
};

/** Pasted secrets end with a line break, and files that PowerShell wrote begin with a BOM. */
const clean = (text: string): string => trimmed(trimmed(text).replace(/^\ufeff/, ''));

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((item): item is string => typeof item === 'string')
    .map(clean)
    .filter((text) => text !== '');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
