import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codesTables } from './codes-tables.ts';
import { contractTable } from './contract-table.ts';
import { pathOf, read } from './markdown.ts';

const BEGIN = '<!-- contract:begin -->';
const END = '<!-- contract:end -->';

// UPDATE_DOCS=1 npx vitest run test/docs writes what the code says.
test.each([
  ['README.md', contractTable],
  ['docs/errors.md', codesTables],
])('%s has the contract as the code has it', (file, render) => {
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
