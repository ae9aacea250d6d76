import { exchange, type HttpAnswer, NoAnswer } from '../lib/exchange.ts';
import { LOOKUP_MS, LOOKUP_RETRY_MAX_S } from '../lib/times.ts';
import type { Evaluate } from './expression.ts';
import { lookupHeaders, lookupUrl } from './lookup-request.ts';
import type { Lookup } from './source.ts';

/** Every way in which a lookup can fail, and whether a retry can help by itself. */
export const LOOKUP_FAILURES = {
  /** The event's id for the person leads to no address. */
  bad_id: { retryable: false },
  /** The secret holds no credential for the lookup, or none that a header can carry. */
  no_credential: { retryable: false },
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

/** What a lookup came to. Nothing that the other side wrote is in it but the address. */
export type LookupResult =
  | { email: string }
  /** The HR system does not know the person, or no address of theirs, yet. */
  | { pending: 'not_found' | 'no_email' }
  /** `retryAfter`: whole seconds that the HR system says to wait, where it does. */
  | { failed: LookupFailure; retryable: boolean; retryAfter?: number };

/** What a lookup needs besides its settings. */
export type LookupMeans = {
  /** The source's credential for the lookup, from the secret. */
  credential: string | undefined;
  evaluate: Evaluate;
  /** See `lookupOrigin`. */
  origin?: URL | undefined;
  /** Milliseconds for the whole exchange. */
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
  { credential, evaluate, origin, timeoutMs = LOOKUP_MS }: LookupMeans,
): Promise<LookupResult> => {
  const url = lookupUrl(settings.url, id, origin);
  if (!url) return failure('bad_id');
  const headers = lookupHeaders(settings.headers ?? {}, credential);
  if (!headers) return failure('no_credential');

  const body = settings.body && JSON.stringify(settings.body);
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
  let answer: HttpAnswer;
  try {
    answer = await exchange(url, request, timeoutMs);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return failure(error.reason === 'connection_lost' ? 'unreachable' : error.reason);
  }
  return statusOf(answer) ?? emailOf(answer, settings.email, evaluate);
};

/** @returns what the status says by itself, or undefined where the body has to say it. */
const statusOf = ({ status, headers }: HttpAnswer): LookupResult | undefined => {
  const retryAfter = headers['retry-after'];
  if (status === 200 || status === 204) return undefined;
  // A person created a moment ago may not be there to be read.
  if (status === 404) return { pending: 'not_found' };
  if (status === 401 || status === 403) return failure('unauthorized');
  if (status === 429) return failure('rate_limited', retryAfter);
  if (status === 408 || status >= 500) return failure('unavailable', retryAfter);
  return failure(status >= 300 && status < 400 ? 'redirected' : 'refused');
};

const emailOf = (answer: HttpAnswer, expression: string, evaluate: Evaluate): LookupResult => {
  if (answer.body.length === 0) return { pending: 'no_email' };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
  } catch {
    return failure('not_json');
  }
  const evaluation = evaluate(expression, json, json);
  if ('failed' in evaluation) return failure('expression');
  const { value } = evaluation;
  if (value === undefined) return { pending: 'no_email' };
  if (typeof value !== 'string') return failure('expression');
  const email = value.trim();
  return email ? { email } : { pending: 'no_email' };
};

const failure = (failed: LookupFailure, retryAfter?: string): LookupResult => ({
  failed,
  retryable: LOOKUP_FAILURES[failed].retryable,
  ...(retryAfter !== undefined &&
    /^\d{1,9}$/.test(retryAfter) && {
      retryAfter: Math.min(Number(retryAfter), LOOKUP_RETRY_MAX_S),
    }),
});
