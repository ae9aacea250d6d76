import { InviteError } from '../errors/invite-error.ts';
import type { SlackResult } from '../slack/answer.ts';
import { CODES, isListed } from '../slack/codes.ts';

/** Seconds until it makes sense to ask again after Slack was out of reach and said nothing else. */
export const UNREACHABLE_RETRY_AFTER = 10;

type NotSent = Exclude<SlackResult, { kind: 'accepted' }>;

/**
 * The error that an answer of Slack's is for our caller.
 * @param attempts what a `resend` has to carry, should the outcome be unknown.
 */
export const refusal = (result: NotSent, attempts: number): InviteError => {
  switch (result.kind) {
    case 'not_sent':
      return new InviteError('SlackUnavailable', {
        code: 'slack_unreachable',
        detail: `Slack could not be reached (${result.code ?? result.reason}), and nothing was sent; ask again after retry_after seconds`,
        retryAfter: UNREACHABLE_RETRY_AFTER,
      });
    case 'unknown':
      return new InviteError('OutcomeUnknown', {
        code: 'no_usable_answer',
        detail: `Slack gave no usable answer (${result.reason}), so the invitation may have been sent: look in Slack; if it is not there, ask again with resend ${attempts}`,
        attempts,
      });
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
      code,
      slackError: code,
      detail: `Slack refused with ${code}, which the page of the method does not list; look it up there`,
    });
  }
  const { class: errorClass, description, remedy } = CODES[code];
  if (errorClass === 'AlreadyThere') throw new Error(`${code} is an outcome, not an error`);
  return new InviteError(errorClass, {
    code,
    slackError: code,
    detail: `${description} ${remedy}`,
    ...(errorClass === 'OutcomeUnknown' && { attempts }),
    ...(errorClass === 'SlackUnavailable' && { retryAfter: UNREACHABLE_RETRY_AFTER }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
};
