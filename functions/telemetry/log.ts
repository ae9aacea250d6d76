import type { MiddlewareObj } from '@middy/core';
import type { InviteError } from '../errors/invite-error.ts';
import type { LifeSwept } from '../lifecycle/sweep.ts';
import type { Swept } from '../webhooks/sweep.ts';

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

/** Logs what an operator has to mend before an event can go on. @param id the event record's. */
export const logBlocked = (id: string, { name, facts: { code, detail } }: InviteError): void => {
  console.error({ event: 'event_blocked', id, class: name, code, detail });
};

/** Logs what a sweep found to mend: a sweep that found nothing is silent. */
export const logSweep = ({
  invites,
  events,
  failed,
  invitations,
}: Swept & { invitations?: LifeSwept }): void => {
  const started = { invites: invites.started, events: events.started };
  if (started.invites + started.events > 0) console.warn({ event: 'swept', ...started });
  for (const { class: errorClass, code } of [...failed, ...(invitations?.failed ?? [])]) {
    console.error({ event: 'sweep_failed', class: errorClass, code });
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
