import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Auth, Provider } from '../../functions/webhooks/provider.ts';
import { PROVIDERS } from '../../functions/webhooks/providers.ts';
import { codeBlocksOf, pathOf, read } from '../docs/markdown.ts';
import { providerNotes, providersTable } from '../support/provider-table.ts';
import { SLACK } from '../support/verify-descriptions.ts';

const FILE = 'docs/webhook-providers.md';

// UPDATE_DOCS=1 npx vitest run test/webhooks/provider-docs writes what the rows say.
test.each([
  ['table', providersTable],
  ['notes', providerNotes],
])('the document has the %s as the rows have it', (name, render) => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const text = read(FILE);
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  const section = `${begin}\n${render()}\n${end}`;
  if (process.env.UPDATE_DOCS) writeFileSync(pathOf(FILE), `${before}${section}${after}`);
  expect(read(FILE)).toContain(section);
});

test('docs/webhooks.md names the place of each row’s time', () => {
  const text = read('docs/webhooks.md');
  for (const { time = [] } of Object.values(PROVIDERS) as Provider[]) {
    for (const place of time) expect(text).toContain(`\`${place}\``);
  }
});

const shown = codeBlocksOf(read(FILE), 'json').map((block) => JSON.parse(block).auth as Auth);

test('the document shows an auth of each kind', () => {
  expect(new Set(shown.flatMap((auth) => Object.keys(auth)))).toEqual(
    new Set(['hmac', 'header', 'basic', 'body']),
  );
});

test('the document shows the scheme of Slack, whose vector holds', () => {
  expect(shown).toContainEqual(SLACK);
});
