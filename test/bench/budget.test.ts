import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledAssembly } from '../support/assemblies.ts';
import budget from './budget.json' with { type: 'json' };
import { type Build, bundleBytes, DOORS, readBuild } from './builds.ts';
import { type Fakes, startFakes } from './fakes.ts';
import { countRequests } from './paths.ts';
import { giveSecrets } from './world.ts';

let build: Build;
let fakes: Fakes;
beforeAll(async () => {
  build = readBuild(await bundledAssembly());
  fakes = await startFakes();
  giveSecrets(fakes, build);
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

test('each path makes as many requests to AWS as the budget says', async () => {
  expect(await countRequests(fakes, build)).toEqual(budget.awsRequests);
});
