/** What an event tells beside its type. */
export type Details = {
  /** As in the API: `stateEnteredEventDetails`. */
  name: string;
  fields?: Record<string, unknown>;
  /** Inputs and outputs: values, which the API gives as JSON and may leave out. */
  data?: { input?: unknown; output?: unknown; parameters?: unknown };
};

export type HistoryEvent = {
  id: number;
  previousEventId: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  type: string;
  details: Details | undefined;
};

export type History = {
  events: readonly HistoryEvent[];
  /** @param timestamp when it happened, if not now */
  add: (type: string, details?: Details, timestamp?: number) => void;
};

/** Events that end an execution from outside. AWS says of them that they follow no other. */
const CUTS = ['ExecutionAborted', 'ExecutionTimedOut'];

/**
 * With this many events the next one must be the end:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
 */
const ROOM = 24_999;

/**
 * The events of one execution, in order: without branches, each follows the one before it, only that
 * AWS says of the second too that it follows none.
 * @param onFull is called in place of an event for which there is no room
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function createHistory(onFull: () => void): History {
  const events: HistoryEvent[] = [];
  return {
    events,
    add: (type, details, timestamp = Date.now()) => {
      const last = events.length;
      if (last >= ROOM && !type.startsWith('Execution')) return onFull();
      const previousEventId = last < 2 || CUTS.includes(type) ? 0 : last;
      events.push({ id: last + 1, previousEventId, timestamp, type, details });
    },
  };
}
