import { describe, expect, test } from 'vitest';
import {
  type Alarm,
  alarmState,
  type Measured,
  type SeriesName,
  statisticOf,
} from '../../infra/local/cloudwatch/alarm-state.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-01T12:00:00Z');
const errors: SeriesName = {
  namespace: 'Own',
  name: 'Errors',
  dimensions: { stack: 'One', class: 'Defect' },
};
const throttles: SeriesName = { namespace: 'Own', name: 'Throttles', dimensions: { stack: 'One' } };

const alarm = (changes: Partial<Alarm> = {}): Alarm => ({
  name: 'One-errors',
  description: '',
  series: [errors],
  statistic: 'Sum',
  periodS: 300,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 3,
  comparison: 'GreaterThanOrEqualToThreshold',
  treatMissingData: 'notBreaching',
  ...changes,
});

/** The values of each minute after the start. */
const measured = (minutes: Record<number, number[]>, series = errors): Measured => ({
  ...series,
  points: Object.entries(minutes).map(([minute, values]) => ({
    time: new Date(START + Number(minute) * MINUTE_MS).toISOString(),
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
  })),
});

const stateAfter = (minutes: number, of: Alarm, ...series: Measured[]) =>
  alarmState(of, series, START + minutes * MINUTE_MS);

test('a period is the minutes before the last whole one, and moves on with each', () => {
  const three = measured({ 0: [1], 4: [1, 1] });
  expect([1, 4, 5, 6].map((minute) => stateAfter(minute, alarm(), three))).toEqual([
    'OK',
    'OK',
    'ALARM',
    'OK',
  ]);
  expect(stateAfter(5.9, alarm(), three)).toBe('ALARM');
  expect(stateAfter(4.9, alarm(), three)).toBe('OK');
});

test.each([
  ['GreaterThanOrEqualToThreshold', 3, 2],
  ['GreaterThanThreshold', 4, 3],
  ['LessThanThreshold', 2, 3],
  ['LessThanOrEqualToThreshold', 3, 4],
] as const)('%s rings at %d and not at %d', (comparison, ringing, quiet) => {
  const of = alarm({ comparison });
  expect(stateAfter(5, of, measured({ 1: [ringing] }))).toBe('ALARM');
  expect(stateAfter(5, of, measured({ 1: [quiet] }))).toBe('OK');
});

test.each([
  ['Sum', 13],
  ['Average', 13 / 3],
  ['Minimum', 1],
  ['Maximum', 10],
  ['SampleCount', 3],
] as const)('the statistic %s of 1, 2 and 10 is %d', (statistic, value) => {
  expect(statisticOf(statistic, measured({ 0: [1, 10], 3: [2] }).points)).toBe(value);
  const of = alarm({ statistic, comparison: 'GreaterThanThreshold' });
  const series = measured({ 0: [1, 10], 3: [2] });
  expect(stateAfter(5, { ...of, threshold: value - 0.1 }, series)).toBe('ALARM');
  expect(stateAfter(5, { ...of, threshold: value }, series)).toBe('OK');
});

describe('several series', () => {
  const both = alarm({ series: [errors, throttles] });

  test('are added up', () => {
    const series = [measured({ 1: [2] }), measured({ 1: [1] }, throttles)];
    expect(stateAfter(5, both, ...series)).toBe('ALARM');
  });

  test('count as nothing where they are silent beside others', () => {
    expect(stateAfter(5, both, measured({ 1: [3] }))).toBe('ALARM');
    expect(stateAfter(5, both, measured({ 1: [2] }))).toBe('OK');
  });
});

test.each([
  { ...errors, dimensions: { stack: 'Two', class: 'Defect' } },
  { ...errors, dimensions: { stack: 'One' } },
  { ...errors, dimensions: { stack: 'One', class: 'Defect', code: 'x' } },
  { ...errors, name: 'Error' },
  { ...errors, namespace: 'Other' },
])('another series rings nothing: %o', (series) => {
  expect(stateAfter(5, alarm(), measured({ 1: [9] }, series))).toBe('OK');
});

describe('of three periods, two that breach', () => {
  const of = alarm({ evaluationPeriods: 3, datapointsToAlarm: 2 });

  test('need not be neighbours', () => {
    expect(stateAfter(15, of, measured({ 1: [3], 6: [0], 11: [3] }))).toBe('ALARM');
  });

  test('are needed', () => {
    expect(stateAfter(15, of, measured({ 1: [3], 6: [0], 11: [2] }))).toBe('OK');
  });
});

describe('missing data', () => {
  const missing = (treatMissingData: Alarm['treatMissingData'], changes = {}) =>
    alarm({ treatMissingData, evaluationPeriods: 2, datapointsToAlarm: 2, ...changes });

  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'INSUFFICIENT_DATA'],
  ] as const)('is %s: %s, if there is nothing at all', (treatMissingData, state) => {
    expect(stateAfter(10, missing(treatMissingData))).toBe(state);
  });

  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'ALARM'],
    ['ignore', 'INSUFFICIENT_DATA'],
  ] as const)(
    'is %s: %s, if the only one of two periods that has some breaches',
    (treatMissingData, state) => {
      expect(stateAfter(10, missing(treatMissingData), measured({ 1: [3] }))).toBe(state);
    },
  );

  test.each(['breaching', 'notBreaching', 'missing', 'ignore'] as const)(
    'is %s: OK, if the only one of two periods that has some does not breach',
    (treatMissingData) => {
      expect(stateAfter(10, missing(treatMissingData), measured({ 1: [0] }))).toBe('OK');
    },
  );

  test('that is ignored leaves the alarm as it was', () => {
    const of = missing('ignore');
    for (const before of ['ALARM', 'OK'] as const) {
      expect(alarmState(of, [], START, before)).toBe(before);
    }
  });
});
