/** What CloudWatch says of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One metric with one set of dimensions. */
export type SeriesName = { namespace: string; name: string; dimensions: Record<string, string> };

/** What was measured of it, by minutes. */
export type Measured = SeriesName & { points: readonly MeasuredPoint[] };
export type MeasuredPoint = { time: string; count: number; sum: number; min: number; max: number };

export const STATISTICS = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** An alarm as a template defines it. */
export type Alarm = {
  name: string;
  description: string;
  /** Their statistics are added up. One that is silent counts as 0, unless all are. */
  series: readonly SeriesName[];
  statistic: Statistic;
  periodS: number;
  evaluationPeriods: number;
  /** So many of the periods have to breach. */
  datapointsToAlarm: number;
  threshold: number;
  comparison: keyof typeof COMPARISONS;
  treatMissingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
};

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

const MINUTE_MS = 60_000;

/**
 * Evaluates an alarm as CloudWatch does once a minute: over the periods that end with the last whole
 * minute. CloudWatch looks for older values where some are missing; this does not.
 * @param at epoch milliseconds
 * @param before the state until now, which an alarm keeps that ignores missing data
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function alarmState(
  alarm: Alarm,
  measured: readonly Measured[],
  at: number,
  before: AlarmState = 'INSUFFICIENT_DATA',
): AlarmState {
  const { periodS, evaluationPeriods, datapointsToAlarm, threshold, treatMissingData } = alarm;
  const end = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const values = Array.from({ length: evaluationPeriods }, (_, index) => {
    const to = end - index * periodS * 1000;
    return measuredValue(alarm, measured, to - periodS * 1000, to);
  });
  const present = values.filter((value) => value !== undefined);
  const isBreach = COMPARISONS[alarm.comparison];
  const breaching = present.filter((value) => isBreach(value, threshold)).length;
  const missing = treatMissingData === 'breaching' ? evaluationPeriods - present.length : 0;
  if (breaching + missing >= datapointsToAlarm) return 'ALARM';
  // Nothing speaks against an alarm, and too little for one.
  if (breaching === present.length && treatMissingData === 'ignore') return before;
  if (breaching === present.length && treatMissingData === 'missing') {
    return breaching > 0 ? 'ALARM' : 'INSUFFICIENT_DATA';
  }
  return 'OK';
}

/** What an alarm compares in one period. @returns undefined where nothing was measured of any series */
export function measuredValue(
  { series, statistic }: Alarm,
  measured: readonly Measured[],
  from: number,
  to: number,
): number | undefined {
  const values = series.flatMap((wanted) => {
    const points = measured
      .filter((one) => isSame(one, wanted))
      .flatMap((one) => one.points)
      .filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to);
    return points.length === 0 ? [] : [statisticOf(statistic, points)];
  });
  return values.length === 0 ? undefined : total(values);
}

/** One statistic of several minutes, of which there is one at least. */
export function statisticOf(statistic: Statistic, points: readonly MeasuredPoint[]): number {
  const sum = total(points.map((point) => point.sum));
  const count = total(points.map((point) => point.count));
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / count;
    case 'SampleCount':
      return count;
    case 'Maximum':
      return Math.max(...points.map(({ max }) => max));
    case 'Minimum':
      return Math.min(...points.map(({ min }) => min));
  }
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const isSame = (one: SeriesName, other: SeriesName): boolean =>
  one.namespace === other.namespace &&
  one.name === other.name &&
  keyOf(one.dimensions) === keyOf(other.dimensions);

const keyOf = (dimensions: Record<string, string>) =>
  JSON.stringify(Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
