import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../errors/invite-error.ts';
import type { InvocationFacts } from './observation.ts';

// An invocation that worked is silent. The runtime adds time, level and request id. Only the fields
// named here are logged: no address, token, `url`, `conf_code` or `reference` is among them.

/**
 * Logs why a request was refused, for a door that answers errors: the runtime itself logs what a
 * task throws. A middleware behind it has made an InviteError of every error.
 */
export const errorLogger = (): MiddlewareObj<unknown, unknown, Error> => ({
  onError: ({ error }) => logRefusal(error as InviteError),
});

const logRefusal = ({ name, status, facts }: InviteError): void => {
  const { id, code, detail, retryAfter } = facts;
  const entry = { event: 'request_failed', id, class: name, code, detail, retry_after: retryAfter };
  if (status >= 500) console.error(entry);
  else console.warn(entry);
};

/** Logs what went well and still deserves a look. */
export const logOddities = ({ id, warnings, unrecorded, holdOffFailed }: InvocationFacts): void => {
  if (warnings.length > 0) console.warn({ event: 'slack_warnings', id, warnings });
  if (unrecorded) {
    console.error({
      event: 'outcome_not_recorded',
      id,
      reason: unrecorded,
      detail:
        'Slack answered but the table did not: the invite will read as unknown; look in Slack before a resend',
    });
  }
  if (holdOffFailed) {
    console.warn({
      event: 'hold_off_failed',
      id,
      reason: holdOffFailed,
      detail:
        'Slack said to wait, but the other doors could not be told: they may meet its 429 too',
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
