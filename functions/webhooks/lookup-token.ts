import { exchange, type HttpAnswer, NoAnswer } from '../lib/exchange.ts';
import { CACHED_MS, TOKEN_MARGIN_MS } from '../lib/times.ts';
import { type FailedLookup, failure } from './lookup-failure.ts';
import { fixedUrl } from './lookup-request.ts';
import type { TokenRequest } from './source.ts';

/** `isNew`: it was got just now, so another one would be worth no more. */
export type AccessToken = { token: string; isNew: boolean };

export type AccessTokens = {
  /**
   * @param credential `id:secret` of the client.
   * @param refused a token that was not accepted, and is not given again.
   * @returns a token that is good for a minute at least; never throws for anything that the network
   *   or the other side does.
   */
  get(
    request: TokenRequest,
    credential: string,
    means: { origin?: URL | undefined; timeoutMs: number; refused?: string },
  ): Promise<AccessToken | FailedLookup>;
};

/** Keeps tokens in memory for as long as they live; one that does not say how long, for 5 minutes. */
export const createAccessTokens = (now: () => number = Date.now): AccessTokens => {
  const known = new Map<string, { token: string; until: number }>();

  return {
    async get(request, credential, { origin, timeoutMs, refused }) {
      const key = JSON.stringify([request, credential]);
      const kept = known.get(key);
      if (kept && kept.until > now() && kept.token !== refused) {
        return { token: kept.token, isNew: false };
      }
      known.delete(key);
      const asked = await requestToken(request, credential, origin, timeoutMs);
      if ('failed' in asked) return asked;
      known.set(key, { token: asked.token, until: now() + asked.livesMs });
      return { token: asked.token, isNew: true };
    },
  };
};

const requestToken = async (
  { url, client, parameters = {} }: TokenRequest,
  credential: string,
  origin: URL | undefined,
  timeoutMs: number,
): Promise<{ token: string; livesMs: number } | FailedLookup> => {
  const colon = credential.indexOf(':');
  if (colon < 1) return failure('no_credential');
  const [id, secret] = [credential.slice(0, colon), credential.slice(colon + 1)];
  const inForm = client === 'form' && { client_id: id, client_secret: secret };
  const fields = { grant_type: 'client_credentials', ...parameters, ...inForm };
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'slack-connect-invites',
    ...(client === 'basic' && { authorization: `Basic ${basic(id, secret)}` }),
  };
  let answer: HttpAnswer;
  try {
    const body = String(new URLSearchParams(fields));
    answer = await exchange(fixedUrl(url, origin), { method: 'POST', headers, body }, timeoutMs);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return failure(error.reason === 'too_large' ? 'token_refused' : 'token_unavailable');
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return tokenIn(answer) ?? failure('token_refused');
  const isBusy = status === 408 || status === 429 || status >= 500;
  return isBusy
    ? failure('token_unavailable', answer.headers['retry-after'])
    : failure('token_refused');
};

/** Each part is written as in a form, so that a colon in one of them divides nothing. */
const basic = (...parts: string[]): string =>
  Buffer.from(parts.map((part) => encodeURIComponent(part)).join(':')).toString('base64');

const tokenIn = ({ body }: HttpAnswer): { token: string; livesMs: number } | undefined => {
  let answer: { access_token?: unknown; expires_in?: unknown } | null;
  try {
    answer = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  const { access_token: token, expires_in: seconds } = { ...answer };
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const told = Number(seconds) * 1000 - TOKEN_MARGIN_MS;
  const livesMs = Number.isFinite(told) ? Math.max(told, 0) : CACHED_MS;
  return { token, livesMs };
};
