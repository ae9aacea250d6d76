import type { SlackErrorCode } from '../errors/codes.ts';
import { InviteError, ownError } from '../errors/invite-error.ts';
import { SLACK_RETRY_MAX_S, SLACK_RETRY_S, SLACK_UNREACHABLE_RETRY_S } from '../lib/times.ts';
import { CODES, isListed } from './codes.ts';
import type { InviteAnswer } from './method.ts';

/** Slack's answer as it came. */
export type SlackAnswer = { status: number; headers: Record<string, string>; body: string };

/** What a call of the method came to. */
export type SlackResult =
  | { kind: 'accepted'; answer: InviteAnswer; warnings: string[] }
  /** Slack said no, by a code of the table or by one that the method's page does not list. */
  | { kind: 'refused'; code: string; warnings: string[] }
  /** Slack's limit; `retryAfter` in seconds. `ratelimit` is the one on invitations by e-mail. */
  | {
      kind: 'rate_limited';
      code: 'ratelimited' | 'ratelimit';
      retryAfter: number;
      warnings: string[];
    }
  /** Certainly nothing happened: no byte of the request left. `code` is the system's, if it has one. */
  | { kind: 'not_sent'; reason: string; code?: string }
  /** It may have happened. */
  | { kind: 'unknown'; reason: string };

type Body = Record<string, unknown>;

/**
 * Reads an answer of `conversations.inviteShared`. A well-formed body with a listed code decides
 * before the HTTP status does; what cannot be read may have happened.
 */
export const readInviteAnswer = ({ status, headers, body }: SlackAnswer): SlackResult => {
  const json = parseObject(body);
  const warnings = json ? warningsOf(json) : [];
  const retryAfter = retryAfterSeconds(headers['retry-after']);

  const code = json?.ok === false ? codeOf(json.error) : undefined;

  if (code === 'ratelimited' || code === 'ratelimit') {
    return { kind: 'rate_limited', code, retryAfter, warnings };
  }
  if (code && isListed(code)) return { kind: 'refused', code, warnings };
  // With `ok: true` it contradicts itself, and the invitation may be out.
  if (status === 429 && json?.ok !== true) {
    return { kind: 'rate_limited', code: 'ratelimited', retryAfter, warnings };
  }
  if (code && (status === 200 || (status >= 400 && status < 500))) {
    return { kind: 'refused', code, warnings };
  }
  if (status === 200 && json?.ok === true) {
    const answer = inviteOf(json);
    if (answer) return { kind: 'accepted', answer, warnings };
  }
  return { kind: 'unknown', reason: status === 200 ? 'unreadable_answer' : `http_${status}` };
};

/**
 * Whether a code says that the token itself does not serve: Slack checks it before anything else,
 * so nothing was sent, and another token may do.
 */
export const isTokenRefusal = (code: string): boolean =>
  isListed(code) && CODES[code].class === 'SlackCredentials';

/** Slack's codes are short words; anything else in their place is not a refusal to rely on. */
const codeOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value) ? value : undefined;

const parseObject = (text: string): Body | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
};

const inviteOf = (json: Body): InviteAnswer | undefined => {
  const { invite_id, is_legacy_shared_channel, url, conf_code } = json;
  if (typeof invite_id !== 'string' || !/^\w{1,64}$/.test(invite_id)) return undefined;
  return {
    invite_id,
    is_legacy_shared_channel: is_legacy_shared_channel === true,
    ...(typeof url === 'string' && { url }),
    ...(typeof conf_code === 'string' && { conf_code }),
  };
};

/** The page knows two; a broken answer must not fill the log. */
const MAX_WARNINGS = 10;

/** Slack repeats the warnings: joined by commas in `warning`, as a list in `response_metadata`. */
const warningsOf = (json: Body): string[] => {
  const listed = (json.response_metadata as Body | undefined)?.warnings;
  const named = typeof json.warning === 'string' ? json.warning.split(',') : [];
  const all = [...named, ...(Array.isArray(listed) ? listed : [])];
  const codes = new Set(all.map(codeOf).filter((code) => code !== undefined));
  return [...codes].slice(0, MAX_WARNINGS);
};

/**
 * Reads Slack's `Retry-After`, which is in whole seconds
 * (https://docs.slack.dev/apis/web-api/rate-limits).
 * @returns seconds from 1 to 3,600; 30 if the header is missing or unreadable.
 */
const retryAfterSeconds = (header: string | undefined): number => {
  if (header === undefined || !/^\d+$/.test(header.trim())) return SLACK_RETRY_S;
  return Math.min(Math.max(Number(header), 1), SLACK_RETRY_MAX_S);
};

type NotSent = Exclude<SlackResult, { kind: 'accepted' }>;

/**
 * The error that our caller gets for an answer of Slack's.
 * @param attempts what a `resend` has to carry, should the outcome be unknown.
 */
export const refusal = (result: NotSent, attempts: number): InviteError => {
  switch (result.kind) {
    case 'not_sent':
      return ownError('slack_unreachable', { reason: result.code ?? result.reason });
    case 'unknown':
      return ownError('no_usable_answer', { reason: result.reason, attempts }, { attempts });
    case 'rate_limited':
      return refusalByCode(result.code, attempts, result.retryAfter);
    case 'refused':
      return refusalByCode(result.code, attempts);
  }
};

/** The error for one of Slack's codes, listed or not. */
export const refusalByCode = (code: string, attempts: number, retryAfter?: number): InviteError => {
  if (!isListed(code)) {
    return new InviteError('SlackRefused', {
      code: code as SlackErrorCode,
      slackError: code,
      detail: `Slack refused with ${code}, which the page of the method does not list. Look it up there.`,
    });
  }
  const { class: errorClass, description, remedy } = CODES[code];
  if (errorClass === 'AlreadyThere') throw new Error(`${code} is an outcome, not an error`);
  return new InviteError(errorClass, {
    code: code as string as SlackErrorCode,
    slackError: code,
    detail: `${description} ${remedy}`,
    ...(errorClass === 'OutcomeUnknown' && { attempts }),
    ...(errorClass === 'SlackUnavailable' && { retryAfter: SLACK_UNREACHABLE_RETRY_S }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
};
