import type { StackParts } from './alarms.ts';

/** All series of a metric that have exactly these dimensions, with the values of `where`. */
export type Search = {
  namespace: string;
  metric: string;
  dimensions: readonly string[];
  where: Readonly<Record<string, string>>;
  statistic: 'Sum' | 'Average' | 'Maximum' | 'Minimum';
};

export type Plot = { title: string; unit: string; searches: readonly Search[] };

/** A table out of the functions' logs, by CloudWatch Logs Insights. */
export type LogTable = { title: string; query: string };

export type Dashboard = { title: string; plots: readonly Plot[]; tables: readonly LogTable[] };

/**
 * The two dashboards: what happens to people, and how the service is.
 * @param machineArn of a state machine by its name: a search by a part of it finds nothing.
 */
export const dashboards = (
  { stack, functions }: Pick<StackParts, 'stack' | 'functions'>,
  machineArn: (name: string) => string,
): Record<string, Dashboard> => {
  const own = (
    metric: string,
    dimensions: readonly string[],
    where: Record<string, string> = {},
    statistic: Search['statistic'] = 'Sum',
  ): Search => ({
    namespace: 'SlackConnectInvites',
    metric,
    dimensions: ['stack', ...dimensions],
    where: { stack, ...where },
    statistic,
  });
  const lambda = (metric: string, statistic: Search['statistic']): Search[] =>
    functions.map((name) => ({
      namespace: 'AWS/Lambda',
      metric,
      dimensions: ['FunctionName'],
      where: { FunctionName: `${stack}-${name}` },
      statistic,
    }));
  const byFunction = ['function', 'outcome'];
  return {
    people: {
      title: 'People',
      plots: [
        {
          title: 'Invited',
          unit: 'invitations',
          searches: [own('Invites', byFunction, { outcome: 'sent' })],
        },
        {
          title: 'There already',
          unit: 'requests',
          searches: ['existing', 'already_in_channel'].map((outcome) =>
            own('Invites', byFunction, { outcome }),
          ),
        },
        {
          title: 'Accepted and connected',
          unit: 'invitations',
          searches: ['Accepted', 'Connected'].map((what) =>
            own('Told', ['type'], { type: `Invite ${what}` }),
          ),
        },
        {
          title: 'Declined and expired',
          unit: 'invitations',
          searches: ['Declined', 'Expired'].map((what) =>
            own('Told', ['type'], { type: `Invite ${what}` }),
          ),
        },
        { title: 'Refused, and why', unit: 'errors', searches: [own('Errors', ['code'])] },
        {
          title: 'Taken into the queue',
          unit: 'requests',
          searches: ['queued', 'pending_email'].map((outcome) =>
            own('Invites', byFunction, { outcome }),
          ),
        },
        {
          title: 'Waiting: how many are ahead of a new request',
          unit: 'requests',
          searches: [own('QueueDepth', [], {}, 'Maximum')],
        },
        {
          title: 'Waiting: how long the oldest request has waited',
          unit: 's',
          searches: [own('OldestWaiting', [], {}, 'Maximum')],
        },
        {
          title: 'How long those waited who have left the queue',
          unit: 'ms',
          searches: [own('QueueWait', byFunction, {}, 'Maximum')],
        },
        {
          title: 'Events of HR systems',
          unit: 'events',
          searches: [own('WebhookEvents', ['source', 'result'])],
        },
      ],
      tables: [
        {
          title: 'Invited, by source and channel',
          query:
            'filter ispresent(Invites) and ispresent(channel) | stats count(*) as requests by source, channel, outcome | sort requests desc',
        },
        {
          title: 'Accepted and connected, by source and channel',
          query:
            'filter ispresent(Told) | stats sum(Told) as invites by source, channel, type | sort invites desc',
        },
        {
          title: 'Events that led to no request, and why',
          query:
            'filter message.event = "event_ignored" | stats sum(message.count) as events by message.source, message.reason, message.rule | sort events desc',
        },
      ],
    },
    engineers: {
      title: 'Engineers',
      plots: [
        {
          title: 'Slack: time of a call',
          unit: 'ms',
          searches: [
            own('SlackLatency', byFunction, {}, 'Average'),
            own('SlackLatency', byFunction, {}, 'Maximum'),
          ],
        },
        {
          title: 'Gate: wait for a place',
          unit: 'ms',
          searches: [own('GateWait', byFunction, {}, 'Maximum')],
        },
        {
          title: 'Lane: tickets ahead',
          unit: 'tickets',
          searches: [own('QueueDepth', [], {}, 'Maximum')],
        },
        {
          title: 'Blocked, without an end, silent HR systems',
          unit: '',
          searches: ['Blocked', 'Unended', 'SilentSources'].map((metric) =>
            own(metric, [], {}, 'Maximum'),
          ),
        },
        { title: 'Functions: time', unit: 'ms', searches: lambda('Duration', 'Average') },
        { title: 'Functions: errors', unit: 'invocations', searches: lambda('Errors', 'Sum') },
        {
          title: 'Functions: throttles',
          unit: 'invocations',
          searches: lambda('Throttles', 'Sum'),
        },
        { title: 'Errors by class', unit: 'errors', searches: [own('Errors', ['class'])] },
        { title: 'Errors by code', unit: 'errors', searches: [own('Errors', ['code'])] },
        {
          title: 'What costs: invocations',
          unit: 'invocations',
          searches: lambda('Invocations', 'Sum'),
        },
        {
          title: 'What costs: executions',
          unit: 'executions',
          searches: ['invites', 'events'].map((machine) => ({
            namespace: 'AWS/States',
            metric: 'ExecutionsStarted',
            dimensions: ['StateMachineArn'],
            where: { StateMachineArn: machineArn(`${stack}-${machine}`) },
            statistic: 'Sum' as const,
          })),
        },
      ],
      tables: [
        {
          title: 'Cold starts',
          query:
            'filter type = "platform.report" and ispresent(record.metrics.initDurationMs) | stats count(*) as starts, avg(record.metrics.initDurationMs) as ms by @log | sort starts desc',
        },
      ],
    },
  };
};

const WIDTH = 12;
const HEIGHT = 6;

/**
 * A dashboard as CloudWatch has it, two widgets a row.
 * @param logGroups of the functions, for the tables.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const dashboardBody = (
  { plots, tables }: Dashboard,
  region: string,
  logGroups: readonly string[],
): object => {
  const metric = plots.map(({ title, unit, searches }) => ({
    type: 'metric',
    properties: {
      title,
      region,
      view: 'timeSeries',
      stacked: false,
      yAxis: { left: { label: unit, showUnits: false, min: 0 } },
      metrics: searches.map((search, index) => [
        { id: `s${index}`, expression: expressionOf(search) },
      ]),
    },
  }));
  const sources = logGroups.map((group) => `SOURCE '${group}'`).join(' | ');
  const log = tables.map(({ title, query }) => ({
    type: 'log',
    properties: { title, region, view: 'table', query: `${sources} | ${query}` },
  }));
  return {
    widgets: [...metric, ...log].map((widget, index) => ({
      ...widget,
      x: (index % 2) * WIDTH,
      y: Math.floor(index / 2) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
    })),
  };
};

/** Five minutes: CloudWatch widens the periods by itself where a day or a week is shown. */
const PERIOD_S = 300;

const expressionOf = ({ namespace, metric, dimensions, where, statistic }: Search): string => {
  const values = Object.entries(where).map(([name, value]) => `${name}="${value}"`);
  const terms = [`MetricName="${metric}"`, ...values].join(' ');
  return `SEARCH('{${[namespace, ...dimensions].join(',')}} ${terms}', '${statistic}', ${PERIOD_S})`;
};
