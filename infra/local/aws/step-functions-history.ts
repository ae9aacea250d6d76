import type { HistoryEvent } from '../states/history.ts';

/**
 * An event as GetExecutionHistory gives it.
 * @param includeData with inputs and outputs?
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function historyEvent(event: HistoryEvent, includeData: boolean): object {
  const { id, previousEventId, timestamp, type, details } = event;
  return {
    timestamp: timestamp / 1000,
    type,
    id,
    previousEventId,
    ...(details && {
      [details.name]: { ...details.fields, ...(includeData && asJson(details.data)) },
    }),
  };
}

/** Data is JSON in JSON. Nothing is cut off here; AWS keeps no such note of parameters. */
function asJson(data: Record<string, unknown> = {}): object {
  const entries = Object.entries(data).flatMap(([name, value]) => [
    [name, JSON.stringify(value)],
    ...(name === 'parameters' ? [] : [[`${name}Details`, { truncated: false }]]),
  ]);
  return Object.fromEntries(entries);
}
