import { invalidFields } from '../errors/invite-error.ts';
import type { Outcome } from '../telemetry/metrics.ts';
import type { MadeInvite } from '../webhooks/make-invite.ts';
import { RECORD_ID } from '../webhooks/record.ts';

/** What the workflow wants of an event: an invitation, or that it notes how that ended. */
export type EventTask = {
  event: string;
  /** The invite has ended: the event ends as it did. */
  ended?: boolean;
  /** The name of the error that there will be none for. */
  givenUp?: string;
};

/** @param input `{"event": id}`, and `"ended": true` or `"give_up": name of an error`. @throws InviteError `InvalidRequest` */
export const parseEventTask = (input: unknown): EventTask => {
  const { event, ended, give_up: error } = { ...(input as Record<string, unknown>) };
  if (typeof event !== 'string' || !RECORD_ID.test(event)) {
    throw invalidFields([{ field: 'event', detail: 'must be the id of an event record' }]);
  }
  if (ended === true) return { event, ended };
  if (error === undefined) return { event };
  if (typeof error !== 'string') {
    throw invalidFields([{ field: 'give_up', detail: 'must be the name of an error' }]);
  }
  return { event, givenUp: error };
};

/** What the workflow goes on with. It stands in the history, and no address is in it. */
export type EventResult = {
  event: string;
  /** Where there is a request in the queue. */
  id?: string;
  generation?: number;
  /** Where there is no address yet: after so many seconds the workflow looks it up again. */
  pending_seconds?: number;
};

export const eventResult = (
  event: string,
  made: MadeInvite,
): { outcome: Outcome; result: EventResult } => {
  if ('pendingSeconds' in made) {
    const result = { event, pending_seconds: made.pendingSeconds };
    return { outcome: made.blockedBy ? 'blocked' : 'pending_email', result };
  }
  if ('queued' in made) return { outcome: 'queued', result: { event, ...made.queued } };
  return { outcome: 'existing', result: { event, id: made.invite } };
};
