import { cached, type WhileAway } from '../lib/async.ts';
import { trimmed } from '../lib/text.ts';
import { ROTATED_TOKEN_MS } from '../lib/times.ts';

/** The workspace's token as the functions get at it; `undefined` while the secret holds none. */
export type TokenSource = {
  get(): Promise<string | undefined>;
  /** Forgets a token that Slack refused and reads the secret once more. */
  refresh(refused: string): Promise<string | undefined>;
};

/**
 * Keeps the token in memory for five minutes and reads the secret once however many callers want it at the
 * same time. It is never in the environment, on disk or in a log.
 *
 * @param readSecret gives the secret's text; its errors pass through and are not remembered.
 * @param now milliseconds.
 * @param whileAway the last token serves while the secret cannot be read; one that Slack refused does not.
 */
export const createTokenSource = (
  readSecret: () => Promise<string>,
  now: () => number = Date.now,
  whileAway?: WhileAway,
): TokenSource => {
  const secret = cached(async () => tokenOf(await readSecret()), now, whileAway);

  const get = async () => {
    const token = await secret.get();
    // A secret that holds no token yet is read again with the next request.
    if (token === undefined) secret.forget();
    return token;
  };

  return {
    get,
    refresh: async (refused) => {
      // Somebody else may have read the new one already.
      const last = secret.last();
      if (last !== undefined && last !== refused) return last;
      secret.forget();
      return get();
    },
  };
};

/**
 * @param text of the secret. @param writtenAt epoch milliseconds.
 * @returns when the token ends, as one of an app with token rotation does; undefined for others.
 * @see https://docs.slack.dev/authentication/using-token-rotation
 */
export const tokenEnd = (text: string, writtenAt: number): number | undefined =>
  tokenOf(text)?.startsWith('xoxe.') ? writtenAt + ROTATED_TOKEN_MS : undefined;

const TOKEN = /^xox[a-z](\.xox[a-z])?-[\w.-]{1,500}$/;
const BOT_TOKEN = /^(xoxe\.)?xoxb-/;

/**
 * Reads the token in every shape in which people put one in: bare, in quotes, as JSON with the member
 * `token`, or as the console's key and value, under any key; with white space and a byte order mark
 * around it.
 */
const tokenOf = (text: string): string | undefined => {
  const tokens = new Set(valuesIn(tidy(text)).filter((value) => TOKEN.test(value)));
  const [token, ...others] = [...tokens].filter((value) => BOT_TOKEN.test(value));
  if (token !== undefined) return others.length === 0 ? token : undefined;
  return tokens.size === 1 ? [...tokens][0] : undefined;
};

const valuesIn = (text: string): string[] => {
  if (!text.startsWith('{')) return [unquoted(text)];
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return [];
  const all = Object.hasOwn(value, 'token')
    ? [(value as { token: unknown }).token]
    : Object.values(value);
  return all.filter(isText).map((one) => unquoted(tidy(one)));
};

/** In a key's value, too: the console adds quotes of its own to those that were pasted. */
const unquoted = (text: string): string =>
  /^(["']).*\1$/s.test(text) ? tidy(text.slice(1, -1)) : text;

const isText = (value: unknown): value is string => typeof value === 'string';

/** PowerShell and Windows editors put a byte order mark in front. */
const tidy = (text: string): string => trimmed(trimmed(text).replace(/^\ufeff/, ''));

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
