import { exchange, type HttpAnswer, NoAnswer } from '../lib/exchange.ts';
import { trimmed } from '../lib/text.ts';
import { LOOKUP_MS } from '../lib/times.ts';
import type { Evaluate } from './expression.ts';
import {
  type AccessToken,
  type AccessTokens,
  type FailedLookup,
  failedLookup,
  lookupBody,
  lookupHeaders,
  lookupUrl,
} from './lookup-request.ts';
import type { Lookup } from './source.ts';

/** What a lookup came to. Nothing that the other side wrote is in it but the address. */
export type LookupResult =
  /** `leftOut`: how many other addresses the answer gave. */
  | { email: string; leftOut?: number }
  /** The HR system does not know the person, or no address of theirs, yet. */
  | { pending: 'not_found' | 'no_email' }
  | FailedLookup;

/** What a lookup needs besides its settings. */
export type LookupMeans = {
  /** The source's credential for the lookup, from the secret. */
  credential: string | undefined;
  evaluate: Evaluate;
  /** For a lookup with a token. */
  tokens: AccessTokens;
  /** See `lookupOrigin`. */
  origin?: URL | undefined;
  /** Milliseconds for one exchange; all of them together have three times as much. */
  timeoutMs?: number;
};

/**
 * Looks the e-mail address of a person up once. An address that is not there is a
 * normal state and no failure: BambooHR creates a record before it fills it, HiBob's answers lag up
 * to 20 seconds behind its events, and both leave out what the key may not see.
 *
 * @param id the person's id in the HR system.
 * @returns what it came to; never throws for anything that the network or the other side does.
 */
export const lookup = async (
  settings: Lookup,
  id: string,
  { credential, evaluate, tokens, origin, timeoutMs = LOOKUP_MS }: LookupMeans,
): Promise<LookupResult> => {
  const url = lookupUrl(settings.url, id, origin);
  if (!url) return failedLookup('bad_id');
  const end = Date.now() + 3 * timeoutMs;
  const timeLeft = () => Math.max(Math.min(timeoutMs, end - Date.now()), 1);

  const tokenFor = async (refused?: string): Promise<AccessToken | FailedLookup | undefined> => {
    if (!settings.token) return undefined;
    if (!credential) return failedLookup('no_credential');
    const means = { origin, timeoutMs: timeLeft(), ...(refused !== undefined && { refused }) };
    return tokens.get(settings.token, credential, means);
  };

  const attempt = async (access: AccessToken | undefined): Promise<LookupResult> => {
    const headers = lookupHeaders(settings.headers ?? {}, { credential, token: access?.token });
    if (!headers) return failedLookup('no_credential');
    const body = settings.body && lookupBody(settings.body, id);
    const answer = await ask(url, headers, body, timeLeft());
    if ('failed' in answer) return answer;
    return statusOf(answer) ?? emailOf(answer, settings.email, evaluate);
  };

  const access = await tokenFor();
  if (access && 'failed' in access) return access;
  const result = await attempt(access);
  const isRefused = 'failed' in result && result.failed === 'unauthorized';
  if (!isRefused || !access || access.isNew) return result;
  // One that was kept may have been taken back since.
  const renewed = await tokenFor(access.token);
  return renewed && 'failed' in renewed ? renewed : attempt(renewed);
};

const ask = async (
  url: URL,
  headers: Record<string, string>,
  body: string | undefined,
  timeoutMs: number,
): Promise<HttpAnswer | FailedLookup> => {
  const defaults = {
    accept: 'application/json',
    'user-agent': 'slack-connect-invites',
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const request = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...defaults, ...headers },
    ...(body !== undefined && { body }),
  } as const;
  try {
    return await exchange(url, request, timeoutMs);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return failedLookup(error.reason === 'connection_lost' ? 'unreachable' : error.reason);
  }
};

/** @returns what the status says by itself, or undefined where the body has to say it. */
const statusOf = ({ status, headers }: HttpAnswer): LookupResult | undefined => {
  const retryAfter = headers['retry-after'];
  if (status === 200 || status === 204) return undefined;
  // A person created a moment ago may not be there to be read.
  if (status === 404) return { pending: 'not_found' };
  if (status === 401 || status === 403) return failedLookup('unauthorized');
  if (status === 429) return failedLookup('rate_limited', retryAfter);
  if (status === 408 || status >= 500) return failedLookup('unavailable', retryAfter);
  return failedLookup(status >= 300 && status < 400 ? 'redirected' : 'refused');
};

const emailOf = (answer: HttpAnswer, expression: string, evaluate: Evaluate): LookupResult => {
  if (answer.body.length === 0) return { pending: 'no_email' };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
  } catch {
    return failedLookup('not_json');
  }
  const evaluation = evaluate(expression, json, json);
  if ('failed' in evaluation) return failedLookup('expression');
  const { value, more } = evaluation;
  if (value === undefined) return { pending: 'no_email' };
  if (typeof value !== 'string') return failedLookup('expression');
  return { email: trimmed(value), ...(more !== undefined && { leftOut: more }) };
};
