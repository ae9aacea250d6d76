import { runtimeError } from './errors.ts';

/** What an event tells apart from its type. */
export type Details = {
  fields?: Record<string, unknown>;
  /** Inputs and outputs: values, which the API gives as JSON and may leave out. */
  data?: { input?: unknown; output?: unknown; parameters?: unknown };
  /** The variables that a state assigned. */
  assigned?: Record<string, unknown> | undefined;
};

export type HistoryEvent = Details & {
  id: number;
  previousEventId: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  type: string;
};

/** Events follow each other within a branch: an execution, or one iteration of a Map. `last` is the id of the latest. */
export type Thread = { last: number };

export type History = {
  events: readonly HistoryEvent[];
  /** @throws StateError States.Runtime where only the end of the execution has room */
  add: (thread: Thread, type: string, details?: Details) => void;
};

/**
 * With this many events the next one must be the end:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
 */
const ROOM = 24_999;

/**
 * The events of one execution. AWS says of the second, and of an end from outside, that they follow none.
 * @param count is called for each event
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function createHistory(now: () => number, count: () => void): History {
  const events: HistoryEvent[] = [];
  return {
    events,
    add: (thread, type, details) => {
      if (events.length >= ROOM && !type.startsWith('Execution')) {
        throw runtimeError('The execution reached the maximum number of history events (25000).');
      }
      const id = events.length + 1;
      const followsNone = id <= 2 || /^Execution(Aborted|TimedOut)/.test(type);
      const previousEventId = followsNone ? 0 : thread.last;
      events.push({ id, previousEventId, timestamp: now(), type, ...details });
      thread.last = id;
      count();
    },
  };
}
