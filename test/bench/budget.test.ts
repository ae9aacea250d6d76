import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledAssembly } from '../support/assemblies.ts';
import budget from './budget.json' with { type: 'json' };
import { type Build, bundleBytes, DOORS, LIFECYCLE, readBuild } from './builds.ts';
import { type Fakes, startFakes } from './fakes.ts';
import { countRequests } from './paths.ts';
import { giveSecrets } from './world.ts';

let build: Build;
let withLifecycle: Build;
let fakes: Fakes;
beforeAll(async () => {
  build = readBuild(await bundledAssembly());
  withLifecycle = readBuild(await bundledAssembly(LIFECYCLE));
  fakes = await startFakes();
  giveSecrets(fakes, build);
  giveSecrets(fakes, withLifecycle);
});
afterAll(() => fakes.close());

test.each(DOORS)(
  'the bundle of %s keeps to its budget, which is no looser than it has to be',
  (door) => {
    const bytes = bundleBytes(build[door].codeDir);
    const limit = budget.bundleBytes[door];
    expect(bytes).toBeLessThanOrEqual(limit);
    expect(bytes).toBeGreaterThan(0.9 * limit);
  },
);

test.each(DOORS)(
  '%s loads no module of Node by an ES import, which would evaluate all of it',
  (door) => {
    const { codeDir } = build[door];
    const files = readdirSync(codeDir).filter((name) => name.endsWith('.mjs'));
    const code = files.map((name) => readFileSync(join(codeDir, name), 'utf8')).join('\n');
    expect(code).toContain('process.getBuiltinModule("node:crypto")');
    expect(code.match(/(?:from|import) ?["'](?:node:)?[a-z_/]+["']/g)).toBeNull();
  },
);

test('each path makes as many requests to AWS as the budget says', async () => {
  expect(await countRequests(fakes, build)).toEqual(budget.awsRequests);
});

test('with `lifecycle`, each makes two more at most', async () => {
  const followed = await countRequests(fakes, withLifecycle);
  expect(followed).toEqual(budget.awsRequestsWithLifecycle);
  for (const [path, count] of Object.entries(budget.awsRequests)) {
    expect(followed[path], path).toBeLessThanOrEqual(count + 2);
  }
});
