import type { Resource } from '../cloudformation/assembly.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import { type Measured, STATISTICS, type Statistic } from './alarm-state.ts';

/** The series that one entry of a widget draws. */
export type Search = {
  namespace: string;
  name: string;
  /** The names of all dimensions that a series has. */
  dimensions: readonly string[];
  /** The values that some of them have. */
  where: Readonly<Record<string, string>>;
  statistic: Statistic;
  /** Left out: by the values of the dimensions that are not in `where`. */
  label?: string;
};

export type Widget = { title: string; unit: string; searches: readonly Search[] };

/** A table of CloudWatch Logs Insights, which is for AWS only. */
export type LogWidget = { title: string; query: string };

export type Dashboard = { name: string; widgets: Widget[]; logs: LogWidget[] };

type Given = Pick<Resource, 'place' | 'properties'>;
type Body = { widgets: { type: string; properties: Properties }[] };
type Properties = {
  title?: string;
  stat?: string;
  metrics?: unknown[][];
  query?: string;
  yAxis?: { left?: { label?: string } };
};

/**
 * Reads a dashboard of the template: metrics by name or by SEARCH, and tables of logs.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 * @throws NotUnderstood for another widget or expression
 */
export function readDashboard({ place, properties }: Given): Dashboard {
  const { widgets } = JSON.parse(properties.DashboardBody) as Body;
  const dashboard: Dashboard = { name: properties.DashboardName, widgets: [], logs: [] };
  for (const [index, { type, properties: shown }] of widgets.entries()) {
    const here = inside(inside(place, 'DashboardBody.widgets'), index);
    const { title = '', stat = 'Average', metrics = [], query = '', yAxis } = shown;
    if (type === 'log') dashboard.logs.push({ title, query });
    else if (type === 'metric') {
      const searches = metrics.map((entry) => readEntry(entry, stat, here));
      dashboard.widgets.push({ title, unit: yAxis?.left?.label ?? '', searches });
    } else throw new NotUnderstood(here, `a widget of the type ${type} is not understood`);
  }
  return dashboard;
}

type Options = { expression?: string; label?: string; stat?: string };

/** An entry is a search, or a namespace, a metric, and dimensions with their values. */
function readEntry(entry: unknown[], usual: string, place: Place): Search {
  const last = entry.at(-1);
  const hasOptions = typeof last === 'object' && last !== null;
  const { expression, label, stat = usual } = (hasOptions ? last : {}) as Options;
  const named = label === undefined ? {} : { label };
  if (expression !== undefined) return { ...readSearch(expression, place), ...named };
  const [namespace = '', name = '', ...rest] = (
    hasOptions ? entry.slice(0, -1) : entry
  ) as string[];
  const where = Object.fromEntries(
    rest.flatMap((text, index) => (index % 2 === 0 ? [[text, rest[index + 1] ?? '']] : [])),
  );
  const dimensions = Object.keys(where);
  return { namespace, name, dimensions, where, statistic: asStatistic(stat, place), ...named };
}

const SEARCH = /^SEARCH\('\{([^}]*)\} (.*)', '(\w+)'(?:, \d+)?\)$/;
const TERM = /([\w.]+)="([^"]*)"/g;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
function readSearch(expression: string, place: Place): Search {
  const [, schema = '', terms = '', statistic = ''] = SEARCH.exec(expression) ?? [];
  const [namespace = '', ...dimensions] = schema.split(',').map((part) => part.trim());
  const { MetricName: name, ...where } = Object.fromEntries(
    [...terms.matchAll(TERM)].map(([, key, value]) => [key, value]),
  ) as Record<string, string>;
  if (name === undefined || terms.replace(TERM, '').trim() !== '') {
    throw new NotUnderstood(place, `${expression} is not understood, only SEARCH by exact values`);
  }
  return { namespace, name, dimensions, where, statistic: asStatistic(statistic, place) };
}

function asStatistic(text: string, place: Place): Statistic {
  const found = STATISTICS.find((statistic) => statistic === text);
  if (found) return found;
  throw new NotUnderstood(place, `the statistic ${text} is not understood`);
}

/** The series that a search finds: those with exactly its dimensions. */
export const foundBy = <Series extends Measured>(
  { namespace, name, dimensions, where }: Search,
  measured: readonly Series[],
): Series[] =>
  measured.filter(
    (series) =>
      series.namespace === namespace &&
      series.name === name &&
      Object.keys(series.dimensions).length === dimensions.length &&
      dimensions.every((dimension) => dimension in series.dimensions) &&
      Object.entries(where).every(([key, value]) => series.dimensions[key] === value),
  );
