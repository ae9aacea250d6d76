import { defineConfig } from 'vitest/config';
import { patience } from './test/support/depth.ts';
import { paceNotice } from './test/support/pace-notice.ts';

/** They measure a rate or a time, and so have the machine to themselves, one after the other, after all others. */
const PACE = [
  'test/e2e/burst.test.ts',
  'test/e2e/webhook-burst.test.ts',
  'test/webhooks/rule-time.test.ts',
  'test/local-slack/fuzz.test.ts',
];

/** They replace modules, or load a function as its process does: each has its modules to itself. */
const OWN_MODULES = [
  'test/hr-invite/*.test.ts',
  'test/hr-webhook/*.test.ts',
  'test/lambda/backstop.test.ts',
  'test/lifecycle/handler.test.ts',
  'test/telemetry/workflow-metrics.test.ts',
  'test/webhooks/rules-context.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', paceNotice()],
    globalSetup: ['test/support/global-setup.ts'],
    // On two cores vitest would take one worker, and much of the time is spent waiting for others.
    maxWorkers: 2,
    // A thread starts in a quarter of the time that a process takes.
    pool: 'threads',
    // For a machine that others use, too: none of them comes near it on a quiet one.
    testTimeout: patience(60_000).timeout,
    hookTimeout: 120_000,
    // A machine may be away for a second; what never comes about fails all the same.
    expect: { poll: { timeout: 10_000 } },
    // The CDK's own validation takes a second a synthesis; test/infra/nag.test.ts has it.
    env: { CDK_VALIDATION: 'false' },
    // Of what runs in the tests' own processes; the functions of a local run are processes of their own.
    coverage: { include: ['{functions,infra}/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [...PACE, ...OWN_MODULES],
          // Loading the CDK and the SDK for each of two hundred files took a third of the time.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'own-modules', include: OWN_MODULES, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'pace', include: PACE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
