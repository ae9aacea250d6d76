import type { Outcome } from '../runtime/observation.ts';
import type { MadeInvite } from '../webhooks/make-invite.ts';

/** What the workflow goes on with. It stands in the history, so no address is in it. */
export type EventResult = {
  event: string;
  /** Where there is an ask in the queue. */
  id?: string;
  generation?: number;
  /** Where there is no address yet: after so many seconds the workflow asks again. */
  pending_seconds?: number;
};

export const eventResult = (
  event: string,
  made: MadeInvite,
): { outcome: Outcome; result: EventResult } => {
  if ('pendingSeconds' in made) {
    const result = { event, pending_seconds: made.pendingSeconds };
    return { outcome: 'pending_email', result };
  }
  if ('queued' in made) return { outcome: 'queued', result: { event, ...made.queued } };
  return { outcome: 'existing', result: { event, id: made.invite } };
};
