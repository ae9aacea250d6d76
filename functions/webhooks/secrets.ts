import { cached, type WhileAway } from '../lib/async.ts';
import { trimmed } from '../lib/text.ts';
import { RENEWED_SECRETS_MS } from '../lib/times.ts';
import { type AuthRefusal, isAboutSecrets } from './verify.ts';

/** What the secret holds for one source. */
type SourceSecrets = {
  /** Any one of them may have signed a delivery: two while one is rotated. */
  signing: readonly string[];
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
 * @param whileAway the last reading serves while the secret cannot be read.
 */
export const createSecrets = (
  readSecret: () => Promise<string>,
  now: () => number = Date.now,
  whileAway?: WhileAway,
): Secrets => {
  const secret = cached(readSecret, now, whileAway);
  return {
    of: async (source) => secretsOf(await secret.get(), source),
    renewed: async (source) => secretsOf(await secret.get(RENEWED_SECRETS_MS), source),
  };
};

/** Tries what is known, and what was put in a moment ago where that could change the verdict. */
export const withNewest = async <T extends unknown[] | 'verified'>(
  secrets: Secrets,
  name: string,
  attempt: (known: readonly string[]) => T | AuthRefusal,
): Promise<T | AuthRefusal> => {
  const { signing } = await secrets.of(name);
  const outcome = attempt(signing);
  if (typeof outcome !== 'string' || !isAboutSecrets(outcome)) return outcome;
  const renewed = await secrets.renewed(name);
  return attempt(renewed.signing);
};

/**
 * The credential of each source's lookup, kept in the same way. They are in a secret of their own: who
 * verifies deliveries cannot read them.
 *
 * @param readSecret gives the secret's text: JSON with a text for each source.
 * @returns undefined for a source without one.
 */
export const createLookupCredentials = (
  readSecret: () => Promise<string>,
  whileAway?: WhileAway,
): ((source: string) => Promise<string | undefined>) => {
  const secret = cached(readSecret, Date.now, whileAway);
  return async (source) => {
    const own = memberOf(await secret.get(), source);
    return typeof own === 'string' ? texts(own)[0] : undefined;
  };
};

/**
 * The same for a secret of one sender alone: its signing secret, or a list of them as JSON.
 * @param name what the sender is called in {@link Secrets}.
 */
export const onlySender = (text: string, name: string): string => {
  const all = parse(clean(text)) ?? clean(text);
  return JSON.stringify({ [name]: isRecord(all) && !('signing' in all) ? [] : all });
};

/**
 * The secret is JSON with a member for each source: its signing secret, a list of them, or either in
 * `{"signing": …}`. The console's key and value make a text of a list or an object; it is read as what
 * it was. Whatever else it is counts as no secret: nothing is believed then.
 */
const secretsOf = (text: string, source: string): SourceSecrets => {
  const own = written(memberOf(text, source));
  return { signing: texts(isRecord(own) ? own.signing : own) };
};

const memberOf = (text: string, source: string): unknown => {
  const all = parse(clean(text));
  return isRecord(all) && Object.hasOwn(all, source) ? all[source] : undefined;
};

/** Pasted secrets end with a line break, and files that PowerShell wrote begin with a BOM. */
const clean = (text: string): string => trimmed(trimmed(text).replace(/^\ufeff/, ''));

const written = (value: unknown): unknown => {
  const isJson = typeof value === 'string' && /^[[{]/.test(clean(value));
  return isJson ? (parse(clean(value)) ?? value) : value;
};

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
