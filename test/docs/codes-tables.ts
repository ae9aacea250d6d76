import { ERROR_CLASSES, type ErrorClass } from '../../functions/errors/invite-error.ts';
import { CODES } from '../../functions/slack/codes.ts';
import { WARNINGS } from '../../functions/slack/method.ts';
import { statusesOf } from './contract-table.ts';
import { table } from './markdown.ts';

/** @returns every code of the method, a section a class, and the method's warnings. */
export const codesTables = (): string => {
  const classes = Object.entries(ERROR_CLASSES).map(([name, { title, retryable }]) => {
    const status = `HTTP ${statusesOf(name as ErrorClass).join(', ')}`;
    const retry = retryable ? 'asking the same again helps' : 'asking the same again does not help';
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
