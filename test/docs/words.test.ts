import { expect, test } from 'vitest';
import { DOCUMENTS, read } from './markdown.ts';

/** Other spellings of words in the glossary of docs/architecture.md, and words that no page needs. */
const NEVER = /\b(look-ups?|whoever|in vain|webhook sources?)\b/i;

test('README fits into 200 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
});

test.each(DOCUMENTS)('%s uses the words of the glossary', (file) => {
  const lines = read(file).split('\n');
  expect(lines.filter((line) => NEVER.test(line))).toEqual([]);
});

test('a request is not an ask', () => {
  const pages = DOCUMENTS.map((file) => read(file)).join('\n');
  expect(pages.match(/\bask(s|ed|ing)?\b/gi)?.length ?? 0).toBeLessThanOrEqual(20);
});
