import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../infra/config/load.ts';
import { sourcesDefine } from '../../infra/config/sources-define.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What a handler does with its sources, in a bundle made with the options of the functions. */
const runBundled = (entry: string, define: Record<string, string>): unknown => {
  const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const outfile = join(directory, 'index.mjs');
  buildSync({
    stdin: { contents: entry, resolveDir: PROJECT, loader: 'ts' },
    outfile,
    define,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  return JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }));
};

// What a shell, a bundler or a replacement could take for its own.
const WHEN = '$contains(name, /^`\\$\\(x\\)`["\']\\\\ \\$&é$/)';
const NAME = '`$(x)`"\\ $&é';

it('a bundled function has its sources as they were written, and evaluates their expressions', () => {
  const config = loadConfig({
    slackConnectInvites: {
      allowedChannels: ['C0PARTNER01'],
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
    import { configuredSources } from './functions/webhooks/configured-sources.ts';
    import { createEvaluate } from './functions/webhooks/expression.ts';
    import { createSandbox } from './functions/webhooks/expression-sandbox.ts';
    import { applyRules } from './functions/webhooks/rules.ts';
    const sources = configuredSources();
    const payload = { name: ${JSON.stringify(NAME)}, email: 'casey@partner.example' };
    const evaluate = createEvaluate(createSandbox());
    console.log(JSON.stringify({
      sources: [...sources],
      unknown: sources.has('toString'),
      outcome: applyRules(sources.get('constructor'), { payload, body: payload }, () => evaluate),
    }));`;
  expect(runBundled(entry, sourcesDefine(config))).toEqual({
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
    import { configuredSources } from './functions/webhooks/configured-sources.ts';
    console.log(configuredSources().size);`;
  expect(runBundled(entry, sourcesDefine(loadConfig({ slackConnectInvites: {} })))).toBe(0);
});
