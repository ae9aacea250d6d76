/** The CloudWatch namespace of all metrics. */
const NAMESPACE = 'SlackConnectInvites';

export type Unit = 'Count' | 'Milliseconds';
/** One metric: an empty list and a count of nothing are left out. */
export type Metric = [name: string, unit: Unit, value: number | number[]];

/**
 * A record in CloudWatch's embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 *
 * @param groups metrics, each group with its dimension sets; the dimensions stand in `properties`.
 * @param timestamp epoch milliseconds.
 */
export const emfRecord = (
  groups: { dimensions: string[][]; metrics: Metric[] }[],
  properties: Record<string, unknown>,
  timestamp: number,
): object => {
  const present = groups
    .map(({ dimensions, metrics }) => ({
      dimensions,
      metrics: metrics.filter(([, , value]) =>
        Array.isArray(value) ? value.length > 0 : value > 0,
      ),
    }))
    .filter(({ metrics }) => metrics.length > 0);
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: present.map(({ dimensions, metrics }) => ({
        Namespace: NAMESPACE,
        Dimensions: dimensions,
        Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
      })),
    },
    ...properties,
    ...Object.fromEntries(
      present.flatMap(({ metrics }) => metrics.map(([name, , value]) => [name, value])),
    ),
  };
};

/**
 * Writes a record where CloudWatch finds it: straight to stdout, since what console.log writes is
 * wrapped under JSON log format, and metrics are not found in a wrapped record.
 */
export const writeEmf = (record: object): void => {
  process.stdout.write(`${JSON.stringify(record)}\n`);
};
