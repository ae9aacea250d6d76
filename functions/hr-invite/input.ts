import { invalidFields } from '../invites/field-errors.ts';
import { RECORD_ID } from '../webhooks/record.ts';

/** What the workflow wants of an event: an invitation, or that it notes that there will be none. */
export type EventTask = {
  event: string;
  /** The name of the error that there will be none for. */
  givenUp?: string;
};

/** @param input `{"event": id}`, and `"give_up": name of an error`. @throws InviteError `InvalidRequest` */
export const parseEventTask = (input: unknown): EventTask => {
  const { event, give_up: error } = { ...(input as { event?: unknown; give_up?: unknown }) };
  if (typeof event !== 'string' || !RECORD_ID.test(event)) {
    throw invalidFields([{ field: 'event', detail: 'must be the id of an event record' }]);
  }
  if (error === undefined) return { event };
  if (typeof error !== 'string') {
    throw invalidFields([{ field: 'give_up', detail: 'must be the name of an error' }]);
  }
  return { event, givenUp: error };
};
