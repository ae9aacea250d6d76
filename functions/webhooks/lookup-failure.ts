import { LOOKUP_RETRY_MAX_S } from '../lib/times.ts';

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
export const failure = (failed: LookupFailure, retryAfter?: string): FailedLookup => ({
  failed,
  retryable: LOOKUP_FAILURES[failed].retryable,
  ...(retryAfter !== undefined &&
    /^\d{1,9}$/.test(retryAfter) && {
      retryAfter: Math.min(Number(retryAfter), LOOKUP_RETRY_MAX_S),
    }),
});
