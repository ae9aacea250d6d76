import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/classes.ts';
import { codeRow, OWN_CODES, type OwnCode } from '../../functions/errors/codes.ts';
import { CODES } from '../../functions/slack/codes.ts';
import { WARNINGS } from '../../functions/slack/method.ts';
import { statusesOf } from './contract-table.ts';
import { table } from './markdown.ts';

/** @returns every code of the method, a section a class, and the method's warnings. */
export const codesTables = (): string => {
  const classes = Object.entries(ERROR_CLASSES).map(([name, { title, retryable }]) => {
    const status = `HTTP ${statusesOf(name as ErrorClass).join(', ')}`;
    const retry = retryable ? 'repeating the request helps' : 'repeating the request does not help';
    return `### ${name}\n\n${title}. ${status}; ${retry}.\n\n${rows(name)}`;
  });
  return [
    `### No error\n\n${rows('AlreadyThere')}`,
    ...classes,
    `### Warnings\n\nA warning never fails a call. It is logged and counted.\n\n${warnings()}`,
  ].join('\n\n');
};

const HEADINGS = ["Slack's code", 'What it means', 'What to do'];

const rows = (name: string): string => {
  const codes = Object.entries(CODES).filter(([, code]) => code.class === name);
  if (codes.length === 0) return 'Slack has no code for it: see [our own codes](#our-own-codes).';
  return table(
    HEADINGS,
    codes.map(([code, { description, remedy }]) => [`\`${code}\``, description, remedy]),
  );
};

const warnings = () =>
  table(
    HEADINGS,
    Object.entries(WARNINGS).map(([code, { description, remedy }]) => [
      `\`${code}\``,
      description,
      remedy,
    ]),
  );

/** @returns our own codes in one table. A value of an answer's text stands as its name. */
export const ownCodesTable = (): string =>
  table(
    ['Code', 'Class', 'HTTP', 'Retry', 'What happened', 'What to do'],
    (Object.keys(OWN_CODES) as OwnCode[]).map((code) => {
      const { class: name, description, remedy, runbook, onlyRecorded, ...row } = codeRow(code);
      const { status, retryable } = ERROR_CLASSES[name];
      return [
        `\`${code}\``,
        `\`${name}\``,
        onlyRecorded ? "only in an invite's or event's `error`" : String(row.status ?? status),
        retryable ? 'yes' : 'no',
        named(description),
        runbook ? `${named(remedy)} See [the runbook](${runbook}).` : named(remedy),
      ];
    }),
  );

/** A text with the names of its values, as `name`. */
const named = (text: string): string => text.replace(/\{(\w+)\}/g, '`$1`');
