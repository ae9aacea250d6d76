import type { WebhookEvent } from './events.ts';
import type { Evaluate } from './expression.ts';
import { type EventRecord, type RecordStore, recordId } from './record.ts';
import { type Ask, applyRules, type Failed, type Ignored } from './rules.ts';
import type { Source } from './source.ts';

/** What one event came to at the door. */
export type EventResult = 'accepted' | 'duplicate' | 'ignored';

export type Received = {
  result: EventResult;
  /** The records of the rules that took it. */
  records: string[];
  ignored: Ignored[];
  failed: Failed[];
};

export type ReceivePorts = {
  records: RecordStore;
  /** Starts the workflow on a record; to start it twice is to start it once. @throws InviteError */
  start(record: Pick<EventRecord, 'id' | 'received_at'>): Promise<unknown>;
  evaluate: Evaluate;
  now?: () => number;
};

/**
 * How long two events of the same content, and nothing else to tell them by, count as one: longer
 * than any sender repeats a delivery. After that the invite's own identity decides.
 */
const SAME_CONTENT_MS = 3 * 24 * 3_600_000;

/**
 * What happens to the events of a verified delivery: rules, record, start. The record is written
 * first and counts as seen only after its execution was started, so that a delivery which is
 * repeated after a crash goes on where the first one stopped.
 *
 * @throws InviteError if an event could not be kept or its workflow not started: then the sender
 *   has to deliver again.
 */
export const createReceive =
  ({ records, start, evaluate, now = Date.now }: ReceivePorts) =>
  async (name: string, source: Source, event: WebhookEvent): Promise<Received> => {
    const { taken, ignored, failed } = applyRules(source, event, evaluate);

    /** @returns whether the event is new to the rule. */
    const take = async ({ rule, ...ask }: Ask): Promise<{ id: string; isNew: boolean }> => {
      const at = new Date(now()).toISOString();
      const id = recordId(name, event, rule);
      const record: EventRecord = {
        id,
        source: name,
        rule,
        status: 'received',
        started: false,
        ask,
        received_at: at,
        updated_at: at,
      };
      const kept = await keep(record);
      if (kept.started) return { id, isNew: false };
      await start(kept);
      await records.markStarted(kept, at);
      return { id, isNew: true };
    };

    /** @returns the record that stands: this one, or an earlier one of the same event. */
    const keep = async (record: EventRecord): Promise<EventRecord> => {
      if (await records.add(record)) return record;
      const earlier = await records.read(record.id);
      if (!earlier) return keep(record); // it was just erased
      const age = Date.parse(record.received_at) - Date.parse(earlier.received_at);
      if (event.identity !== 'content' || age <= SAME_CONTENT_MS) return earlier;
      return (await records.add(record, earlier.received_at)) ? record : keep(record);
    };

    const kept = [];
    for (const ask of taken) kept.push(await take(ask));
    return {
      result: resultOf(kept),
      records: kept.map(({ id }) => id),
      ignored,
      failed,
    };
  };

const resultOf = (kept: { isNew: boolean }[]): EventResult => {
  if (kept.length === 0) return 'ignored';
  return kept.some(({ isNew }) => isNew) ? 'accepted' : 'duplicate';
};
