import type { AlarmRow, SeriesName } from './alarms.ts';

/** What was measured of one series within a minute. */
export type Measured = SeriesName & {
  points: readonly { time: string; sum: number; min: number; max: number }[];
};

const MINUTE_MS = 60_000;

/**
 * Evaluates an alarm as CloudWatch does: over whole periods that are over.
 * @param at epoch milliseconds.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export const stateOf = (
  alarm: AlarmRow,
  measured: readonly Measured[],
  at: number,
): 'OK' | 'ALARM' => {
  const length = alarm.periodMinutes * MINUTE_MS;
  const end = Math.floor(at / length) * length;
  const breaches = Array.from({ length: alarm.periods }, (_, index) => {
    const from = end - (index + 1) * length;
    const value = measuredValue(alarm, measured, from, from + length);
    if (value === undefined) return alarm.whenMissing === 'breaching';
    return alarm.direction === 'atLeast' ? value >= alarm.threshold : value <= alarm.threshold;
  });
  return breaches.every(Boolean) ? 'ALARM' : 'OK';
};

/** @returns undefined where nothing was measured. */
const measuredValue = (
  { series, statistic }: AlarmRow,
  measured: readonly Measured[],
  from: number,
  to: number,
): number | undefined => {
  const points = series.flatMap((wanted) =>
    measured
      .filter((one) => isSame(one, wanted))
      .flatMap((one) => one.points)
      .filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to),
  );
  if (points.length === 0) return undefined;
  if (statistic === 'Sum') return points.reduce((sum, point) => sum + point.sum, 0);
  return statistic === 'Maximum'
    ? Math.max(...points.map(({ max }) => max))
    : Math.min(...points.map(({ min }) => min));
};

const isSame = (one: SeriesName, other: SeriesName): boolean =>
  one.namespace === other.namespace &&
  one.name === other.name &&
  keyOf(one.dimensions) === keyOf(other.dimensions);

const keyOf = (dimensions: Record<string, string>) =>
  JSON.stringify(Object.entries(dimensions).toSorted(([a], [b]) => a.localeCompare(b)));
