import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codesTables, ownCodesTable } from './codes-tables.ts';
import { contractTable } from './contract-table.ts';
import { findingsTable, smokeTable } from './doctor-tables.ts';
import { pathOf, read } from './markdown.ts';

// UPDATE_DOCS=1 npx vitest run test/docs writes what the code says, between the marks of that name.
test.each([
  ['docs/errors.md', 'contract', contractTable],
  ['docs/errors.md', 'slack-codes', codesTables],
  ['docs/errors.md', 'own-codes', ownCodesTable],
  ['docs/doctor.md', 'findings', findingsTable],
  ['docs/doctor.md', 'smoke', smokeTable],
])('%s has its %s as the code has it', (file, name, render) => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = read(file);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from).toBeGreaterThanOrEqual(begin.length);
  expect(to).toBeGreaterThan(from);
  const rendered = `\n${render()}\n`;
  if (process.env.UPDATE_DOCS) {
    writeFileSync(pathOf(file), text.slice(0, from) + rendered + text.slice(to));
  }
  expect(read(file)).toContain(`${begin}${rendered}${end}`);
});
