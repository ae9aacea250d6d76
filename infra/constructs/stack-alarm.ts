import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlarmRow } from '../observability/alarms.ts';

/** Who is hurt, and where it is written what to do: an alarm without both only wakes people. */
export type StackAlarmProps = AlarmRow;

const COMPARISON = {
  atLeast: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  atMost: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
} as const;
const MISSING = {
  notBreaching: cloudwatch.TreatMissingData.NOT_BREACHING,
  breaching: cloudwatch.TreatMissingData.BREACHING,
} as const;

/** An alarm whose description says who is hurt and what to do. It is called STACK-ID. */
export class StackAlarm extends cloudwatch.Alarm {
  constructor(scope: Construct, id: string, row: StackAlarmProps) {
    for (const field of ['impact', 'runbook'] as const) {
      if (!row[field]?.trim()) throw new Error(`The alarm ${id} has no ${field}`);
    }
    super(scope, id, {
      alarmName: `${Stack.of(scope).stackName}-${id}`,
      alarmDescription: `${row.title}. Who is hurt: ${row.impact} What to do: docs/runbook.md#${row.runbook}`,
      metric: metricOf(row),
      threshold: row.threshold,
      evaluationPeriods: row.periods,
      comparisonOperator: COMPARISON[row.direction],
      treatMissingData: MISSING[row.whenMissing],
    });
  }
}

const metricOf = ({ series, statistic, periodMinutes }: AlarmRow): cloudwatch.IMetric => {
  const period = Duration.minutes(periodMinutes);
  const metrics = series.map(
    ({ namespace, name, dimensions }) =>
      new cloudwatch.Metric({
        namespace,
        metricName: name,
        dimensionsMap: dimensions,
        statistic,
        period,
      }),
  );
  const [only, ...others] = metrics;
  if (only && others.length === 0) return only;
  // Missing is not zero to CloudWatch's arithmetic: one silent series would silence the sum.
  const named = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(named)
    .map((id) => `FILL(${id},0)`)
    .join('+');
  return new cloudwatch.MathExpression({ expression, usingMetrics: named, period });
};
