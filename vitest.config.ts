import { defineConfig } from 'vitest/config';

/** Measures a rate, and so has the machine to itself, after all others. */
const PACE = 'test/e2e/burst.test.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/assembly.ts'],
    // On two cores vitest would take one worker, and half of the tests only wait for processes.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [PACE],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'pace', include: [PACE], sequence: { groupOrder: 1 } } },
    ],
  },
});
