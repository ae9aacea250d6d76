import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { DEPLOYMENT_FILE } from '../../functions/lambda/environment.ts';
import { deploymentOf } from '../../infra/config/deployment.ts';
import { loadConfig } from '../../infra/config/load.ts';
import type { Config } from '../../infra/config/schema.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const VARIABLES = {
  STACK_NAME: 'Stack',
  FUNCTION: 'hr-webhook',
  TABLE_NAME: 'table',
  WEBHOOK_SECRET_ARN: 'secret',
  WORKFLOW_ARN: 'workflow',
  CONFIG: '{}',
};

/** What a handler does with its sources, in a bundle made with the options of the functions. */
const runBundled = (entry: string, config: Config): unknown => {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const outfile = join(directory, 'index.mjs');
  buildSync({
    stdin: { contents: entry, resolveDir: PROJECT, loader: 'ts' },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  const deployment = JSON.stringify(deploymentOf('hr-webhook', config));
  writeFileSync(join(directory, DEPLOYMENT_FILE), deployment);
  const env = { ...VARIABLES, LAMBDA_TASK_ROOT: directory };
  return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8', env }));
};

// What a shell, a bundler or a replacement could take for its own.
const WHEN = '$contains(name, /^`\\$\\(x\\)`["\']\\\\ \\$&é$/)';
const NAME = '`$(x)`"\\ $&é';

it('a bundled function has its sources as they were written, and evaluates their expressions', () => {
  const config = loadConfig({
    slackConnectInvites: {
      channels: { C0PARTNER01: {} },
      sources: {
        constructor: {
          provider: 'generic',
          auth: { basic: true },
          rules: [{ when: WHEN, invite: { channel: 'C0PARTNER01', email: 'email' } }],
        },
      },
    },
  });
  const entry = `
    import { readWebhookEnvironment } from './functions/lambda/environment.ts';
    import { createEvaluate } from './functions/webhooks/expression.ts';
    import { createSandbox } from './functions/webhooks/expression.ts';
    import { applyRules } from './functions/webhooks/rules.ts';
    const sources = new Map(Object.entries(readWebhookEnvironment(process.env).sources));
    const payload = { name: ${JSON.stringify(NAME)}, email: 'casey@partner.example' };
    const evaluate = createEvaluate(createSandbox());
    console.log(JSON.stringify({
      sources: [...sources],
      unknown: sources.has('toString'),
      outcome: applyRules(sources.get('constructor'), { payload, body: payload }, () => evaluate),
    }));`;
  expect(runBundled(entry, config)).toEqual({
    sources: [['constructor', config.sources.constructor]],
    unknown: false,
    outcome: {
      taken: [
        {
          rule: 0,
          channel: 'C0PARTNER01',
          email: 'casey@partner.example',
          external_limited: true,
        },
      ],
      ignored: [],
      failed: [],
    },
  });
});

it('a bundle of a deployment without sources has none', () => {
  const entry = `
    import { readWebhookEnvironment } from './functions/lambda/environment.ts';
    console.log(Object.keys(readWebhookEnvironment(process.env).sources).length);`;
  expect(runBundled(entry, loadConfig({ slackConnectInvites: {} }))).toBe(0);
});
