import { InviteError } from '../invites/errors.ts';
import type { WebhookEvent } from './events.ts';
import { type EventRecord, type RecordStore, recordId } from './record.ts';
import type { RuleMatch } from './rules.ts';

export type TakeEventPorts = {
  records: RecordStore;
  /** Starts the workflow on a record; to start it twice is to start it once. @throws InviteError */
  start(record: Pick<EventRecord, 'id' | 'received_at'>): Promise<unknown>;
  now: () => number;
};

/**
 * How long two events of the same content, and nothing else to tell them by, count as one: longer
 * than any sender repeats a delivery. After that the invite's own identity decides.
 */
const SAME_CONTENT_MS = 3 * 24 * 3_600_000;
/** Each is lost to another delivery of the same event, or to somebody who erases its record. */
const MAX_RACES = 5;

/**
 * What happens to an event that a rule takes: record, start. The record is written first and counts
 * as seen only after its execution was started, so that a delivery which is repeated after a crash
 * goes on where the first one stopped.
 *
 * @throws InviteError if the event could not be kept or its workflow not started: then the sender
 *   has to deliver again.
 */
export const createTakeEvent = ({ records, start, now }: TakeEventPorts) => {
  /** @returns the record that stands: this one, or an earlier one of the same event. */
  const keep = async (
    record: EventRecord,
    { identity }: Pick<WebhookEvent, 'identity'>,
  ): Promise<EventRecord> => {
    for (let race = 0; race < MAX_RACES; race += 1) {
      // Read first: a duplicate is one access, and a long delivery that is repeated is full of them.
      const earlier = await records.read(record.id);
      if (earlier) {
        const age = Date.parse(record.received_at) - Date.parse(earlier.received_at);
        if (identity !== 'content' || age <= SAME_CONTENT_MS) return earlier;
      }
      if (await records.add(record, earlier?.received_at)) return record;
    }
    throw raced();
  };

  /**
   * @param name the source's.
   * @returns whether the event is new to the rule.
   */
  return async (
    name: string,
    event: WebhookEvent,
    { rule, ...ask }: RuleMatch,
  ): Promise<boolean> => {
    const at = new Date(now()).toISOString();
    const record: EventRecord = {
      id: recordId(name, event, rule),
      source: name,
      rule,
      status: 'received',
      started: false,
      ask,
      received_at: at,
      updated_at: at,
    };
    const kept = await keep(record, event);
    if (kept.started) return false;
    await start(kept);
    await records.markStarted(kept, at);
    return true;
  };
};

const raced = () =>
  new InviteError('SlackUnavailable', {
    code: 'table_unavailable',
    detail:
      "the event's record was changed again and again while it was to be written; ask again after retry_after seconds",
    retryAfter: 5,
  });
