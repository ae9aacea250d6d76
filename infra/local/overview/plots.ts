import { type Measured, type MeasuredPoint, statisticOf } from '../cloudwatch/alarm-state.ts';
import { foundBy, type Search, type Widget } from '../cloudwatch/dashboard-model.ts';

export type Line = {
  label: string;
  /** One for each minute, the oldest first; null where nothing was measured. */
  values: (number | null)[];
};

/** The present, in epoch milliseconds, and how far back from there. */
export type Window = { now: number; minutes: number };

export type Plot = { title: string; unit: string; lines: Line[] };

const MINUTE_MS = 60_000;

/** How far back plots go, in minutes: a run that has just begun is not a dot at the edge. */
const SPANS = [10, 30, 60];

/** The shortest span that shows everything, or the longest. @param now epoch milliseconds */
export function spanOf(measured: readonly Measured[], now: number): number {
  const first = measured.reduce(
    (time, { points }) => Math.min(time, Date.parse(points[0]?.time ?? '') || now),
    now,
  );
  const age = (now - first) / MINUTE_MS;
  return SPANS.find((span) => span > age) ?? (SPANS.at(-1) as number);
}

/**
 * What a widget draws, its last minute being the present one.
 * @param now epoch milliseconds
 */
export function plotOf(
  { title, unit, searches }: Widget,
  measured: readonly Measured[],
  { now, minutes }: Window,
): Plot {
  const statistics = new Set(searches.map(({ statistic }) => statistic));
  const lines = searches.flatMap((search) =>
    foundBy(search, measured).map((series) => ({
      label: labelOf(search, series, statistics.size > 1),
      values: valuesOf(search, series.points, { now, minutes }),
    })),
  );
  return { title, unit, lines: lines.filter(({ values }) => values.some((one) => one !== null)) };
}

function valuesOf(
  { statistic }: Search,
  points: readonly MeasuredPoint[],
  { now, minutes }: Window,
): Line['values'] {
  const first = Math.floor(now / MINUTE_MS) - minutes + 1;
  const values: Line['values'] = Array.from({ length: minutes }, () => null);
  for (const point of points) {
    const minute = Math.floor(Date.parse(point.time) / MINUTE_MS) - first;
    if (minute >= 0 && minute < minutes) values[minute] = statisticOf(statistic, [point]);
  }
  return values;
}

/** What tells a series from the others of its plot, as CloudWatch names what a search found. */
function labelOf(
  { label, dimensions, where, name, statistic }: Search,
  series: Measured,
  hasOthers: boolean,
): string {
  if (label !== undefined) return label;
  const open = dimensions.filter((dimension) => !(dimension in where));
  const named = open.length > 0 ? open : dimensions;
  const values = named
    .filter((dimension) => dimension !== 'stack')
    .map((dimension) => series.dimensions[dimension]?.split(':').at(-1));
  const parts = values.length > 0 ? values : [name];
  return [...parts, ...(hasOthers ? [statistic.toLowerCase()] : [])].join(' ');
}
