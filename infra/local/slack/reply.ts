import type { Warning } from '../../../functions/slack/method.ts';

/** What a method decided: the JSON that Slack would answer, and its headers. */
export type Reply = {
  headers: Record<string, string>;
  body:
    | { ok: true; [field: string]: unknown }
    | { ok: false; error: string; [field: string]: unknown };
};

/** What goes back over HTTP; `outcome` is its name in the counters of `/sandbox/calls`. */
export type Answer = {
  status: number;
  headers: Record<string, string>;
  body: string;
  outcome: string;
};

export const accept = (fields: Record<string, unknown>): Reply => ({
  headers: {},
  body: { ok: true, ...fields },
});

/** @param details further fields, such as `needed` of `missing_scope`. */
export const refuse = (code: string, details: Record<string, unknown> = {}): Reply => ({
  headers: {},
  body: { ok: false, error: code, ...details },
});

/**
 * The refusal of the rate limiter.
 * Source: https://docs.slack.dev/apis/web-api/rate-limits
 *
 * @param seconds whole seconds after which a call may succeed.
 */
export const rateLimited = (seconds: number): Reply => ({
  headers: { 'retry-after': String(seconds) },
  body: { ok: false, error: 'ratelimited' },
});

/**
 * The HTTP form of a reply: 429 for `ratelimited`, 200 for everything else, and warnings both as
 * `warning` (joined by commas) and in `response_metadata.warnings`.
 * Source: https://docs.slack.dev/apis/web-api, "Evaluating responses".
 */
export function toAnswer({ headers, body }: Reply, warnings: Warning[]): Answer {
  const warned =
    warnings.length === 0
      ? body
      : {
          ...body,
          warning: warnings.join(','),
          response_metadata: { ...Object(body.response_metadata), warnings },
        };
  const outcome = body.ok ? 'ok' : body.error;
  return {
    status: outcome === 'ratelimited' ? 429 : 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(warned),
    outcome,
  };
}
