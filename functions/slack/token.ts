import { cached } from '../lib/cached.ts';

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
 */
export const createTokenSource = (
  readSecret: () => Promise<string>,
  now: () => number = Date.now,
): TokenSource => {
  const secret = cached(async () => tokenOf(await readSecret()), now);

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

/** The secret is `{"token":"xoxb-…"}` or the bare token (xoxb-, or xoxe.xoxb- with rotation). */
const tokenOf = (text: string): string | undefined => {
  const candidate = text.trimStart().startsWith('{') ? fieldOf(text) : text.trim();
  return /^xox[a-z](\.xox[a-z])?-[\w.-]{1,500}$/.test(candidate) ? candidate : undefined;
};

const fieldOf = (text: string): string => {
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    return typeof token === 'string' ? token.trim() : '';
  } catch {
    return '';
  }
};
