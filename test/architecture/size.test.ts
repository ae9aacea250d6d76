import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const linesOf = (pattern: string): number[] =>
  globSync(pattern).map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length);
const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);

test('what runs state machines on this machine has at most 800 lines, without its API', () => {
  const lines = linesOf('infra/local/step-functions/*.ts');
  expect(lines.length).toBeGreaterThan(5);
  expect(sum(lines)).toBeLessThanOrEqual(800);
});

test('no file of it or of its API has more than 250', () => {
  expect(Math.max(...linesOf('infra/local/step-functions/**/*.ts'))).toBeLessThanOrEqual(250);
});
