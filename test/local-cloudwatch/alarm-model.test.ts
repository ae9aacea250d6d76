import { expect, test } from 'vitest';
import { readAlarm } from '../../infra/local/cloudwatch/alarm-model.ts';
import { alarmsOfTemplate } from '../support/alarms.ts';

const place = { logicalId: 'Alarm', type: 'AWS::CloudWatch::Alarm', path: 'Properties' };
const read = (properties: object) => readAlarm({ place, properties });

const ONE = {
  AlarmName: 'One-errors',
  ComparisonOperator: 'GreaterThanThreshold',
  EvaluationPeriods: 3,
  Namespace: 'Own',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'stack', Value: 'One' }],
  Statistic: 'Sum',
  Period: 300,
  Threshold: 1,
};
const metric = (id: string, name: string, changes = {}) => ({
  Id: id,
  MetricStat: {
    Metric: { Namespace: 'Own', MetricName: name },
    Period: 60,
    Stat: 'Sum',
    ...changes,
  },
  ReturnData: false,
});
const several = (...Metrics: object[]) => ({
  AlarmName: 'One-several',
  ComparisonOperator: 'LessThanThreshold',
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
  Threshold: 0,
  TreatMissingData: 'breaching',
  Metrics,
});

test('an alarm of one metric has what CloudWatch takes where nothing is said', () => {
  expect(read(ONE)).toEqual({
    name: 'One-errors',
    description: '',
    series: [{ namespace: 'Own', name: 'Errors', dimensions: { stack: 'One' } }],
    statistic: 'Sum',
    periodS: 300,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    threshold: 1,
    comparison: 'GreaterThanThreshold',
    treatMissingData: 'missing',
  });
});

test('an alarm of several adds them up', () => {
  const sum = { Id: 'sum', Expression: 'FILL(a,0) + FILL(b,0)' };
  const alarm = read(several(sum, metric('a', 'Errors'), metric('b', 'Throttles')));
  expect(alarm.series.map(({ name }) => name)).toEqual(['Errors', 'Throttles']);
  expect(alarm).toMatchObject({ statistic: 'Sum', periodS: 60, treatMissingData: 'breaching' });
});

test.each([
  [
    'another expression',
    several({ Id: 'x', Expression: 'a/b' }, metric('a', 'A'), metric('b', 'B')),
  ],
  [
    'an expression of fewer',
    several({ Id: 'x', Expression: 'FILL(a,0)' }, metric('a', 'A'), metric('b', 'B')),
  ],
  ['two without one', several(metric('a', 'A'), metric('b', 'B'))],
  [
    'two periods',
    several(
      { Id: 'x', Expression: 'FILL(a,0)+FILL(b,0)' },
      metric('a', 'A'),
      metric('b', 'B', { Period: 300 }),
    ),
  ],
  ['a percentile', { ...ONE, Statistic: undefined, ExtendedStatistic: 'p99' }],
  ['an anomaly', { ...ONE, ComparisonOperator: 'GreaterThanUpperThreshold' }],
])('stops at %s', (_, properties) => {
  expect(() => read(properties)).toThrow(/The local run stops at Alarm/);
});

test('the alarms of the template are all read, each with what a person needs', async () => {
  const alarms = await alarmsOfTemplate();
  expect(alarms.length).toBeGreaterThan(5);
  for (const { name, description, series, treatMissingData } of alarms) {
    expect(description, name).toContain('docs/runbook.md#');
    expect(series.length, name).toBeGreaterThan(0);
    expect(treatMissingData, name).not.toBe('missing');
  }
});
