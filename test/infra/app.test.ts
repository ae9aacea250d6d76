import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const APP = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));

test('a wrong configuration stops the app with a short message and leaves no template', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'app-'));
  try {
    // As the CDK CLI runs it: cdk.json's context and that of -c in one variable.
    const context = { slackConnectInvites: {}, 'slackConnectInvites.ratePerMinute': 'fast' };
    const { status, stderr } = spawnSync(process.execPath, [APP], {
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });

    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'The configuration cannot be used (cdk.json, "context", or -c on the command line):',
      '  slackConnectInvites.ratePerMinute: found "fast"; allowed: a number from 1 to 6000 (Slack tolerates about 20)',
    ]);
    expect(readdirSync(outdir)).not.toContain('SlackConnectInvites.template.json');
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
