import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codesTables, ownCodesTable } from './codes-tables.ts';
import { contractTable } from './contract-table.ts';
import { pathOf, read } from './markdown.ts';

// UPDATE_DOCS=1 npx vitest run test/docs writes what the code says.
test.each([
  ['README.md', 'contract', contractTable],
  ['docs/errors.md', 'contract', codesTables],
  ['docs/errors.md', 'own-codes', ownCodesTable],
])('%s has its part %s as the code has it', (file, part, render) => {
  const [BEGIN, END] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const text = read(file);
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  expect(end).toBeGreaterThan(begin);
  const rendered = `\n${render()}\n`;
  if (process.env.UPDATE_DOCS) {
    writeFileSync(pathOf(file), text.slice(0, begin) + rendered + text.slice(end));
  }
  expect(read(file)).toContain(`${BEGIN}${rendered}${END}`);
});
