import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, codeBlocksOf, DOCUMENTS, linksOf, pathOf, read } from './markdown.ts';

describe.each(DOCUMENTS)('%s', (file) => {
  const targets = linksOf(read(file)).map((target) => {
    const [path = '', anchor] = target.split('#');
    return { target, path: path === '' ? file : join(dirname(file), path), anchor };
  });

  test('links to files that exist', () => {
    const dead = targets.filter(({ path }) => !existsSync(pathOf(path)));
    expect(dead.map(({ target }) => target)).toEqual([]);
  });

  test('links to headings that exist', () => {
    const dead = targets.filter(
      ({ path, anchor }) => anchor !== undefined && !anchorsOf(read(path)).includes(anchor),
    );
    expect(dead.map(({ target }) => target)).toEqual([]);
  });

  test('has JSON that can be read', () => {
    for (const block of codeBlocksOf(read(file), 'json')) {
      expect(() => JSON.parse(block), block).not.toThrow();
    }
  });
});

test('README leads to every document', () => {
  const linked = linksOf(read('README.md')).map((target) => target.split('#')[0]);
  expect(linked).toEqual(expect.arrayContaining(DOCUMENTS.filter((file) => file !== 'README.md')));
});
