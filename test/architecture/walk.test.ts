import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

type Walk = { status: number; files: string[] };

/** docs/architecture.md has the figures: a request that passes more files is harder to follow. */
const AT_MOST = [
  ['POST /invites', 201, 30],
  ['GET /invites/{id}', 200, 12],
] as const;

const walks: Record<string, Walk> = JSON.parse(
  execFileSync(process.execPath, [fileURLToPath(new URL('walk.ts', import.meta.url))], {
    encoding: 'utf8',
  }),
);

test.each(AT_MOST)('a warm %s that answers %i passes at most %i files', (request, status, most) => {
  expect(walks[request]?.status).toBe(status);
  expect(walks[request]?.files.length).toBeGreaterThan(5);
  expect(walks[request]?.files.length).toBeLessThanOrEqual(most);
});
