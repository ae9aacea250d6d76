import { exchange, type HttpAnswer, NoAnswer } from '../lib/exchange.ts';
import { loopbackUrl } from '../lib/text.ts';
import { CACHED_MS, LOOKUP_RETRY_MAX_S, TOKEN_MARGIN_MS } from '../lib/times.ts';
import { MAX_PERSON_ID, type TokenRequest } from './source.ts';

/**
 * The address of the lookup, on the template's host whatever the id is.
 *
 * @param template checked at synth: `{id}` at most once, in the path or the query.
 * @param origin stands in for the template's own; see `lookupOrigin`.
 * @returns undefined for an id that leads elsewhere: none, one too long, a step up the path (`..`),
 *   or 0, by which BambooHR means the owner of the key.
 */
export const lookupUrl = (template: string, id: string, origin?: URL): URL | undefined => {
  if (id === '' || id === '0' || id.length > MAX_PERSON_ID || !id.isWellFormed()) return undefined;
  const written = template.replace('{id}', () => encoded(id));
  // What URL would tidy up, the other side might read in yet another way.
  return URL.parse(written)?.href === written ? fixedUrl(written, origin) : undefined;
};

/** @returns the address, on another origin where one stands in for all. */
const fixedUrl = (address: string, origin?: URL): URL => {
  const url = new URL(address);
  if (!origin) return url;
  // Not resolved against it: a path that begins with `//` would name another host.
  const local = new URL(origin);
  local.pathname = url.pathname;
  local.search = url.search;
  return local;
};

/** Also what `encodeURIComponent` leaves alone and other readers may not. */
const encoded = (id: string): string =>
  encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** @returns the body as JSON, the id in the texts that have a place for it. */
export const lookupBody = (template: Readonly<Record<string, unknown>>, id: string): string =>
  JSON.stringify(template, (_name, value) =>
    typeof value === 'string' ? value.replaceAll('{id}', () => id) : value,
  );

/** What the placeholders of headers stand for. */
type LookupCredentials = { credential: string | undefined; token: string | undefined };

/**
 * Puts the credential, or the token that it has bought, into the templates of the headers.
 *
 * @returns names in lower case; undefined where a template needs what is not there, or what a
 *   header cannot carry.
 */
export const lookupHeaders = (
  templates: Readonly<Record<string, string>>,
  { credential, token }: LookupCredentials,
): Record<string, string> | undefined => {
  const known = new Map([
    ['{secret}', credential || undefined],
    ['{secret:base64}', credential ? Buffer.from(credential).toString('base64') : undefined],
    ['{token}', token],
  ]);
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    const parts = template
      .split(PLACEHOLDER)
      .map((part) => (known.has(part) ? known.get(part) : part));
    const value = parts.join('');
    const isComplete = parts.every((part) => part !== undefined);
    if (!isComplete || !/^[\x20-\x7e]*$/.test(value)) return undefined;
    headers[name.toLowerCase()] = value;
  }
  return headers;
};

/** In parentheses, so that `split` keeps it. */
const PLACEHOLDER = /(\{secret\}|\{secret:base64\}|\{token\})/;

/**
 * What stands in for the hosts of all lookups where the stack runs on one machine.
 *
 * @param override `LOOKUP_ORIGIN`; see `loopbackUrl`.
 * @throws Error if the override names another host or is not a URL.
 */
export const lookupOrigin = (override?: string): URL | undefined =>
  override ? loopbackUrl('LOOKUP_ORIGIN', override) : undefined;

/** Every way in which a lookup can fail, and whether a retry can help by itself. */
export const LOOKUP_FAILURES = {
  /** The event's id for the person leads to no address. */
  bad_id: { retryable: false },
  /** The secret holds no credential for the lookup, or none that a header can carry. */
  no_credential: { retryable: false },
  /** The credential buys no access token: a 4xx, or an answer without one. */
  token_refused: { retryable: false },
  /** No answer about the token, or a 408, 429 or 5xx. */
  token_unavailable: { retryable: true },
  unreachable: { retryable: true },
  timeout: { retryable: true },
  too_large: { retryable: false },
  /** Redirects are not followed: the credential goes to the configured host only. */
  redirected: { retryable: false },
  /** 401 and 403. BambooHR shuts out a client that goes on with a wrong key. */
  unauthorized: { retryable: false },
  rate_limited: { retryable: true },
  /** 408 and 5xx. */
  unavailable: { retryable: true },
  /** Any other status. */
  refused: { retryable: false },
  not_json: { retryable: false },
  /** The expression for the address failed on the answer. */
  expression: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type LookupFailure = keyof typeof LOOKUP_FAILURES;

/** `retryAfter`: whole seconds that the HR system says to wait, where it does. */
export type FailedLookup = { failed: LookupFailure; retryable: boolean; retryAfter?: number };

/** @param retryAfter the header of that name, if the answer has it. */
export const failedLookup = (failed: LookupFailure, retryAfter?: string): FailedLookup => ({
  failed,
  retryable: LOOKUP_FAILURES[failed].retryable,
  ...(retryAfter !== undefined &&
    /^\d{1,9}$/.test(retryAfter) && {
      retryAfter: Math.min(Number(retryAfter), LOOKUP_RETRY_MAX_S),
    }),
});

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
  if (colon < 1) return failedLookup('no_credential');
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
    return failedLookup(error.reason === 'too_large' ? 'token_refused' : 'token_unavailable');
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return tokenIn(answer) ?? failedLookup('token_refused');
  const isBusy = status === 408 || status === 429 || status >= 500;
  return isBusy
    ? failedLookup('token_unavailable', answer.headers['retry-after'])
    : failedLookup('token_refused');
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
