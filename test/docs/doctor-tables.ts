import { CHECKS, type Check, FINDINGS, type FindingName } from '../../infra/operate/findings.ts';
import { CALLS } from '../../infra/operate/smoke-calls.ts';
import { table } from './markdown.ts';

/** A text with the names of its values, as `name`. */
const named = (text: string): string => text.replace(/\{(\w+)\}/g, '`$1`');

const LEVELS = { broken: 'broken', warning: 'warning', not_checked: 'not checked' };

/** @returns every finding of the doctor, a table a check. */
export const findingsTable = (): string =>
  Object.entries(CHECKS)
    .map(([check, looks]) => {
      const rows = Object.entries(FINDINGS)
        .filter(([, row]) => row.check === (check as Check))
        .map(([name, { level, finds, remedy }]) => [
          `\`${name as FindingName}\``,
          LEVELS[level],
          named(finds),
          named(remedy),
        ]);
      return `### ${check}\n\n${looks}.\n\n${table(['Finding', '', 'What it says', 'What to do'], rows)}`;
    })
    .join('\n\n');

/** @returns the calls of the smoke test, each with what it proves. */
export const smokeTable = (): string =>
  table(
    ['Call', 'What it does', 'What must come', 'It proves that'],
    Object.entries(CALLS).map(([name, { does, expects, proves }]) => [
      `\`${name}\``,
      does,
      expects,
      proves,
    ]),
  );
