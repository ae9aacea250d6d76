import { setTimeout as sleep } from 'node:timers/promises';
import { runtimeError } from './state-error.ts';
import { MAX_TIMER_MS } from './time.ts';

/** As AWS asks for it: https://datatracker.ietf.org/doc/html/rfc3339#section-5.6 with `T` and `Z` in capitals. */
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Either of both, as a path or the definition gives it. */
export type Delay = { seconds?: unknown; timestamp?: unknown };

/**
 * Waits some seconds, or until a time, whose milliseconds do not count.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 * @throws StateError States.Runtime, as AWS, for what is neither; AbortError at the signal
 */
export async function waitFor(delay: Delay, signal: AbortSignal): Promise<null> {
  const ms = 'timestamp' in delay ? untilTime(delay.timestamp) : delayOf(delay.seconds);
  if (ms > 0) await sleep(Math.min(ms, MAX_TIMER_MS), undefined, { signal });
  return null;
}

function delayOf(seconds: unknown): number {
  if (!Number.isInteger(seconds)) {
    throw runtimeError('The SecondsPath parameter cannot be parsed as a long value.');
  }
  const ms = (seconds as number) * 1000;
  if (ms < 0) throw runtimeError('The SecondsPath parameter references a negative value.');
  return ms;
}

function untilTime(timestamp: unknown): number {
  if (typeof timestamp === 'string' && TIMESTAMP.test(timestamp)) {
    return Math.floor(Date.parse(timestamp) / 1000) * 1000 - Date.now();
  }
  throw runtimeError(
    'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string.',
  );
}
