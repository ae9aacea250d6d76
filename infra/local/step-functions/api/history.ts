import { StateError } from '../errors.ts';
import type { Execution, HistoryEvent } from '../model.ts';

/** The last of them is the end: https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html */
const MOST_EVENTS = 25_000;

/**
 * The events of one execution.
 * @param count is called for each
 */
export function createHistory(now: () => number, count: () => void) {
  const events: HistoryEvent[] = [];
  const tell: Execution['tell'] = (branch, type, details) => {
    if (events.length >= MOST_EVENTS - 1 && !type.startsWith('Execution')) {
      const what = `reached the maximum number of history events (${MOST_EVENTS}).`;
      throw new StateError('States.Runtime', `The execution ${what}`);
    }
    const id = events.length + 1;
    // AWS says of the second, and of an end from outside, that they follow none.
    const followsNone = id <= 2 || /^Execution(Aborted|TimedOut)/.test(type);
    const previousEventId = followsNone ? 0 : branch.last;
    events.push({ id, previousEventId, timestamp: now(), type, ...details });
    branch.last = id;
    count();
  };
  return { events, tell };
}

/**
 * An event as the API gives it: data is JSON in JSON. Nothing is cut off here; AWS keeps no such note of
 * parameters.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function asJson(
  { fields, data, assigned, ...event }: HistoryEvent,
  withData: boolean,
): object {
  const { type, timestamp } = event;
  const text = Object.entries({ ...data }).flatMap(([name, value]) => [
    [name, JSON.stringify(value)],
    ...(name === 'parameters' ? [] : [[`${name}Details`, { truncated: false }]]),
  ]);
  const variables = assigned && {
    assignedVariables: Object.fromEntries(
      Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
    assignedVariablesDetails: { truncated: false },
  };
  const details = { ...fields, ...(withData && { ...Object.fromEntries(text), ...variables }) };
  // All types of states share one kind of details.
  const name = type.replace(/^\w+(?=State(Entered|Exited)$)/, '');
  const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
  const isBare = fields === undefined && data === undefined;
  return { ...event, timestamp: timestamp / 1000, ...(!isBare && { [key]: details }) };
}
