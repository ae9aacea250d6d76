import { expect, test } from 'vitest';
import { read } from './markdown.ts';

const [, ...entries] = read('docs/decisions.md').split(/^### /m);
const decisions = entries.map((entry) => {
  const [title = '', ...lines] = (entry.split(/^## /m)[0] ?? '').split('\n');
  return { title, lines: lines.filter((line) => line !== '') };
});

test('there are 20 to 30 decisions', () => {
  expect(decisions.length).toBeGreaterThanOrEqual(20);
  expect(decisions.length).toBeLessThanOrEqual(30);
});

test.each(decisions)(
  '“$title” takes three to six lines, with the alternative that lost',
  ({ lines }) => {
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(lines.filter((line) => line.startsWith('*Lost*: '))).toHaveLength(1);
  },
);
