import { statSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Small files first: mostly the first test that fails is a small one, and ends the run of a mutant. */
class SmallestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size;
    return files.toSorted((one, other) => size(one) - size(other));
  }
}

export default defineConfig({
  test: {
    include: [
      'test/invites/*.test.ts',
      'test/webhooks/{verify,door,handshake,provider-samples}*.test.ts',
    ],
    // Thousands of calls in virtual time, a mutant: all that it shows is shown in small elsewhere.
    exclude: ['test/invites/queue-pace.test.ts'],
    env: { DEPTH: '0.1' },
    testTimeout: 120_000,
    hookTimeout: 60_000,
    sequence: { sequencer: SmallestFirst },
  },
});
