import type { Resource } from '../cloudformation/assembly.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import { type Alarm, COMPARISONS, type SeriesName, STATISTICS } from './alarm-state.ts';

type Given = Pick<Resource, 'place' | 'properties'>;
type MetricStat = {
  Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] };
  Stat: string;
  Period: number;
};
type Dimension = { Name: string; Value: string };

/**
 * Reads an alarm of the template: of one metric, or of several that an expression adds up.
 * @throws NotUnderstood for another expression, statistic or comparison
 */
export function readAlarm({ place, properties }: Given): Alarm {
  const { ComparisonOperator: comparison, EvaluationPeriods, Threshold } = properties;
  if (!(comparison in COMPARISONS)) {
    throw new NotUnderstood(inside(place, 'ComparisonOperator'), `${comparison} is not understood`);
  }
  const { series, statistic, periodS } = readMetrics(properties, place);
  return {
    name: properties.AlarmName,
    description: properties.AlarmDescription ?? '',
    series,
    statistic,
    periodS,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: properties.DatapointsToAlarm ?? EvaluationPeriods,
    threshold: Threshold,
    comparison,
    treatMissingData: properties.TreatMissingData ?? 'missing',
  };
}

function readMetrics(
  properties: Resource['properties'],
  place: Place,
): Pick<Alarm, 'series' | 'statistic' | 'periodS'> {
  const { Metrics, Statistic: Stat, Period } = properties;
  const stats: MetricStat[] = Metrics
    ? added(Metrics, inside(place, 'Metrics'))
    : [{ Metric: properties as MetricStat['Metric'], Stat, Period }];
  const [first, ...others] = stats;
  const isOneKind = others.every((one) => one.Stat === first?.Stat && one.Period === first.Period);
  const statistic = STATISTICS.find((one) => one === first?.Stat);
  if (!first || !isOneKind || !statistic) {
    const what = 'only metrics of one period and of one of the simple statistics are understood';
    throw new NotUnderstood(place, what);
  }
  return {
    series: stats.map(({ Metric }) => seriesOf(Metric)),
    statistic,
    periodS: first.Period,
  };
}

type Query = { Id: string; Expression?: string; MetricStat?: MetricStat; ReturnData?: boolean };

/** The metrics of an expression such as `FILL(m0,0)+FILL(m1,0)`. */
function added(queries: Query[], place: Place): MetricStat[] {
  const given = queries.flatMap(({ Expression }) => (Expression === undefined ? [] : [Expression]));
  const stats = queries.filter(({ MetricStat }) => MetricStat !== undefined);
  const expected = stats.map(({ Id }) => `FILL(${Id},0)`).join('+');
  const isSum = given.length === 1 && given[0]?.replaceAll(' ', '') === expected;
  const isOnly = given.length === 0 && stats.length === 1;
  if (!isSum && !isOnly) {
    const what = `${given.join(' and ') || 'this'} is not understood, only ${expected}`;
    throw new NotUnderstood(place, what);
  }
  return stats.map(({ MetricStat }) => MetricStat as MetricStat);
}

const seriesOf = ({
  Namespace,
  MetricName,
  Dimensions = [],
}: MetricStat['Metric']): SeriesName => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
});
