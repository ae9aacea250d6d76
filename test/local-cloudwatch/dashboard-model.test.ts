import { describe, expect, test } from 'vitest';
import type { FunctionName } from '../../infra/config/physical-names.ts';
import {
  foundBy,
  readDashboard,
  type Search,
} from '../../infra/local/cloudwatch/dashboard-model.ts';
import { readStack } from '../../infra/local/stack-model.ts';
import { dashboards } from '../../infra/observability/dashboards.ts';
import { bundledAssembly } from '../support/assemblies.ts';

const place = { logicalId: 'Dashboard', type: 'AWS::CloudWatch::Dashboard', path: 'Properties' };
const read = (...widgets: object[]) =>
  readDashboard({
    place,
    properties: { DashboardName: 'One-people', DashboardBody: JSON.stringify({ widgets }) },
  });
const ofMetrics = (metrics: unknown[], more = {}) =>
  read({ type: 'metric', properties: { title: 'Sent', metrics, ...more } });

const search = (query: string) => `SEARCH('${query}', 'Sum', 300)`;

test('a widget searches by exact values, with its unit', () => {
  const expression = search('{Own,stack,outcome} MetricName="Invites" stack="One" outcome="sent"');
  const yAxis = { left: { label: 'invitations' } };
  expect(ofMetrics([[{ id: 's0', expression }]], { yAxis })).toEqual({
    name: 'One-people',
    widgets: [
      {
        title: 'Sent',
        unit: 'invitations',
        searches: [
          {
            namespace: 'Own',
            name: 'Invites',
            dimensions: ['stack', 'outcome'],
            where: { stack: 'One', outcome: 'sent' },
            statistic: 'Sum',
          },
        ],
      },
    ],
    logs: [],
  });
});

test('a widget names metrics, by itself or with a statistic and a label', () => {
  const { widgets } = ofMetrics([
    ['Own', 'Invites', 'stack', 'One'],
    ['Own', 'Invites', 'stack', 'One', { stat: 'Maximum', label: 'most' }],
  ]);
  const found = {
    namespace: 'Own',
    name: 'Invites',
    dimensions: ['stack'],
    where: { stack: 'One' },
  };
  expect(widgets[0]?.searches).toEqual([
    { ...found, statistic: 'Average' },
    { ...found, statistic: 'Maximum', label: 'most' },
  ]);
});

test.each([
  ['a metric math expression', [[{ expression: 'a / b' }]]],
  [
    'a search by a part of a value',
    [[{ expression: search('{Own,stack} MetricName="I" stack=One') }]],
  ],
  ['a search without a metric', [[{ expression: search('{Own,stack} stack="One"') }]]],
  ['a percentile', [['Own', 'Invites', { stat: 'p99' }]]],
])('stops at %s', (_, metrics) => {
  expect(() => ofMetrics(metrics)).toThrow(/The local run stops at Dashboard/);
});

test('stops at another kind of widget', () => {
  expect(() => read({ type: 'explorer', properties: {} })).toThrow(
    /type explorer is not understood/,
  );
});

describe('a search finds', () => {
  const wanted: Search = {
    namespace: 'Own',
    name: 'Invites',
    dimensions: ['stack', 'outcome'],
    where: { stack: 'One' },
    statistic: 'Sum',
  };
  const series = (dimensions: Record<string, string>, more = {}) => ({
    namespace: 'Own',
    name: 'Invites',
    dimensions,
    points: [],
    ...more,
  });

  test('all series with exactly its dimensions', () => {
    const sent = series({ stack: 'One', outcome: 'sent' });
    const refused = series({ outcome: 'refused', stack: 'One' });
    const others = [
      series({ stack: 'One' }),
      series({ stack: 'One', outcome: 'sent', code: 'x' }),
      series({ stack: 'One', code: 'sent' }),
      series({ stack: 'Two', outcome: 'sent' }),
      series({ stack: 'One', outcome: 'sent' }, { name: 'Errors' }),
      series({ stack: 'One', outcome: 'sent' }, { namespace: 'AWS/Lambda' }),
    ];
    expect(foundBy(wanted, [sent, ...others, refused])).toEqual([sent, refused]);
  });
});

test('the dashboards of the template are read as they were meant', async () => {
  const stack = readStack(await bundledAssembly(), 'SlackConnectInvites');
  const folders = stack.functions.map(({ folder }) => folder);
  const parts = { stack: 'SlackConnectInvites', functions: folders as FunctionName[] };
  const meant = dashboards(parts, (name) => name);
  for (const [name, { plots, tables }] of Object.entries(meant)) {
    const found = stack.dashboards.find((one) => one.name === `SlackConnectInvites-${name}`);
    expect(found?.widgets.map(({ title }) => title)).toEqual(plots.map(({ title }) => title));
    expect(found?.logs.map(({ title }) => title)).toEqual(tables.map(({ title }) => title));
    expect(found?.widgets.flatMap(({ searches }) => searches).length).toBeGreaterThan(7);
  }
});
