/**
 * As much of CloudWatch Logs Insights as the queries of docs/runbook.md use: `filter`, `stats … by`, and
 * `fields`, `sort`, `limit`, which change no row's being there.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 * @param lines of the functions' logs.
 * @throws Error for anything else.
 */
export const insights = (query: string, lines: readonly string[]): Record<string, unknown>[] => {
  let rows = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
  for (const command of query.split('|').map((part) => part.trim())) {
    const [, name, rest = ''] = /^(\w+)\s+(.*)$/s.exec(command) ?? [];
    if (name === 'filter') rows = rows.filter((row) => holds(rest, row));
    else if (name === 'stats') rows = grouped(rest, rows);
    else if (!['fields', 'sort', 'limit'].includes(name ?? '')) throw new Error(`no ${command}`);
  }
  return rows;
};

const at = (row: Record<string, unknown>, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], row);

const holds = (condition: string, row: Record<string, unknown>): boolean => {
  const parts = condition.split(/\s+and\s+/);
  if (parts.length > 1) return parts.every((part) => holds(part, row));
  const either = condition.split(/\s+or\s+/);
  if (either.length > 1) return either.some((part) => holds(part, row));
  const [, present] = /^ispresent\(([\w.]+)\)$/.exec(condition) ?? [];
  if (present) return at(row, present) !== undefined;
  const [, field = '', operator, value = ''] = /^([\w.]+) (=|in) (.+)$/s.exec(condition) ?? [];
  if (operator === undefined) throw new Error(`no condition ${condition}`);
  const wanted = JSON.parse(value);
  return operator === '=' ? at(row, field) === wanted : wanted.includes(at(row, field));
};

const grouped = (stats: string, rows: Record<string, unknown>[]): Record<string, unknown>[] => {
  const [what = '', by = ''] = stats.split(/\s+by\s+/);
  const [, total, as = ''] = /^(count\(\*\)|sum\([\w.]+\)) as (\w+)$/.exec(what) ?? [];
  if (!total) throw new Error(`no stats ${what}`);
  const fields = by.split(',').map((field) => field.trim());
  const groups = Map.groupBy(rows, (row) => JSON.stringify(fields.map((field) => at(row, field))));
  return [...groups.values()].map((group) => ({
    ...Object.fromEntries(fields.map((field) => [field, at(group[0] ?? {}, field)])),
    [as]: total.startsWith('count')
      ? group.length
      : group.reduce((sum, row) => sum + Number(at(row, total.slice(4, -1)) ?? 0), 0),
  }));
};
