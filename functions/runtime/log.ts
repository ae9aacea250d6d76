import type { InviteError } from '../invites/errors.ts';
import type { Facts } from './observation.ts';

/**
 * Logs what an operator has to see of an invocation; one that worked is silent. The runtime adds
 * time, level and request id. Only fields named here are logged: no address, token, `url`,
 * `conf_code` or `reference` is among them.
 */
export const logInvocation = (facts: Facts): void => {
  const { id, error, warnings, unrecorded } = facts;
  if (error) {
    const level = error.status >= 500 ? 'error' : 'warn';
    console[level]({ event: 'invitation_failed', id, ...described(error) });
  }
  if (warnings.length > 0) console.warn({ event: 'slack_warnings', id, warnings });
  if (unrecorded) {
    console.error({
      event: 'outcome_not_recorded',
      id,
      detail:
        'Slack answered but the table did not: the invite will read as unknown; look in Slack before a resend',
    });
  }
};

/**
 * Logs an error that nobody foresaw. Its message may quote anything, so only where it came from is
 * logged.
 */
export const logUnexpected = (error: unknown): void => {
  const { name, stack = '' } = error instanceof Error ? error : new Error();
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  console.error({
    event: 'unexpected_error',
    errorType: name,
    stack: frames.map((line) => line.trim()),
  });
};

const described = ({ name, facts }: InviteError) => ({
  class: name,
  code: facts.code,
  detail: facts.detail,
  retry_after: facts.retryAfter,
});
