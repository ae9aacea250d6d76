import type { SlackErrorCode } from '../errors/codes.ts';
import { InviteError, ownError } from '../errors/invite-error.ts';
import { SLACK_UNREACHABLE_RETRY_S } from '../lib/times.ts';
import type { SlackResult } from '../slack/answer.ts';
import { CODES, isListed } from '../slack/codes.ts';

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
