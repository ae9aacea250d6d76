import type { TimestampRule } from './auth.ts';

const SECONDS = /^\d{1,11}$/;
const MILLISECONDS = /^\d{1,14}$/;
// With a zone: a time without one may be anybody's. Senders write +0000 and +00:00.
const ISO_8601 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:(Z)|([+-]\d\d):?(\d\d))$/;

/** @returns the time in epoch milliseconds, or undefined if the text is not of the format. */
export const parseTimestamp = (
  text: string,
  format: TimestampRule['format'],
): number | undefined => {
  if (format === 'milliseconds') return MILLISECONDS.test(text) ? Number(text) : undefined;
  if (SECONDS.test(text)) return Number(text) * 1000;
  return format === 'seconds_or_iso8601' ? parseIso8601(text) : undefined;
};

const parseIso8601 = (text: string): number | undefined => {
  const [, time, utc, hours, minutes] = ISO_8601.exec(text) ?? [];
  if (time === undefined) return undefined;
  const epoch = Date.parse(utc ? `${time}Z` : `${time}${hours}:${minutes}`);
  return Number.isNaN(epoch) ? undefined : epoch;
};
