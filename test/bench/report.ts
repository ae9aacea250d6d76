/** A line of the table of goals. */
export type Row = { what: string; base: string; now: string; goal: string };

/** What a part of the benchmark found: lines of the table of goals, and the figures behind them. */
export type Findings = { rows: Row[]; details?: string };

/** A table in Markdown. The first column is text, the others are figures. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map(line).join('\n');
};

export const goalTable = (rows: readonly Row[], base: string): string =>
  table(
    ['', `at ${base}`, 'now', 'goal'],
    rows.map((row) => [row.what, row.base, row.now, row.goal]),
  );

/** @returns the lines whose figure is beyond the goal, or is no figure. */
export const missed = (rows: readonly Row[]): Row[] =>
  rows.filter(({ now, goal }) => {
    const [, relation, limit] = /^(≤|≥)? ?([\d.]+)/.exec(goal) ?? [];
    if (limit === undefined) return false;
    if (relation === '≤') return !(Number.parseFloat(now) <= Number(limit));
    if (relation === '≥') return !(Number.parseFloat(now) >= Number(limit));
    return Number(now) !== Number(limit);
  });

/** A figure that was not taken. */
export const NONE = '–';

/** A figure with so many digits after the point; a dash where there is none. */
export const digits = (figure: number | undefined, count: number): string =>
  figure === undefined ? NONE : figure.toFixed(count);
