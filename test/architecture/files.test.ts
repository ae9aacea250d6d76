import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FUNCTIONS = fileURLToPath(new URL('../../functions', import.meta.url));
const files = readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const lines = readFileSync(join(FUNCTIONS, name), 'utf8').trimEnd().split('\n');
    return { name, length: lines.length, head: lines.slice(0, 3).join('\n') };
  });
const long = files.filter(({ length }) => length > 250);

test('the functions have at most 90 files, of 75 lines or more on average', () => {
  const lines = files.reduce((sum, { length }) => sum + length, 0);
  expect(files.length).toBeGreaterThan(50);
  expect(files.length).toBeLessThanOrEqual(90);
  expect(lines / files.length).toBeGreaterThanOrEqual(75);
});

test.each(long)('$name, of more than 250 lines, begins with the reason', ({ head }) => {
  expect(head).toContain('// Longer than other files, because ');
});
