import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../infra/node-version.mjs', import.meta.url));

/** Runs the check under this Node, which says that it is another one. */
const check = (version: string) => {
  const pretence = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`, SCRIPT];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
};

test('any Node 24 passes', () => {
  expect(check('24.0.0')).toMatchObject({ status: 0, stderr: '' });
});

test.each(['20.19.0', '22.22.0', '25.1.0', '240.0.0'])(
  'Node %s is refused in one line',
  (version) => {
    const { status, stderr } = check(version);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(
        `runs on Node 24, and this is Node ${version}: .*npm ci.* install scripts`,
      ),
    ]);
  },
);
