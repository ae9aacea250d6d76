import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));

test('--help is the usage, and nothing is started', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--help'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Runs the stack on this machine.*--rate N.*-c KEY=VALUE/s);
  expect(stdout).not.toContain('synthesizing');
});
