import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { NAMES } from '../../infra/local/slack/connect-methods.ts';
import { descendants, freePorts, isAlive } from '../support/processes.ts';

type Started = { child: ChildProcess; port: string; output: () => string; code: Promise<unknown> };

const started: Started[] = [];
afterEach(() => {
  for (const { child } of started.splice(0)) {
    const runs = child.exitCode === null && child.signalCode === null;
    if (runs && child.pid) process.kill(-child.pid, 'SIGKILL');
  }
});

const DIRECT = [process.execPath, 'infra/local/start-slack.ts'];

/** Runs it in a process group of its own, as a shell does. */
const start = async (
  args: string[] = [],
  { command = ['npm', 'run', 'slack', '--'], env = {} as NodeJS.ProcessEnv } = {},
): Promise<Started> => {
  const [port = ''] = (await freePorts(1)).map(String);
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, ...args], {
    detached: true,
    env: { ...process.env, SLACK_PORT: port, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const code = new Promise((resolve) => child.once('close', resolve));
  const one = { child, port, output: () => text, code };
  started.push(one);
  return one;
};

const untilReady = ({ output }: Started) =>
  expect
    .poll(() => output().trimEnd().split('\n').at(-1), { timeout: 60_000, interval: 10 })
    .toBe('Ready.');

describe('npm run slack', () => {
  test('prints a curl command that works, where to look, and ends with 0 on Ctrl-C', async () => {
    const run = await start();
    await untilReady(run);
    const printed = run.output();
    const address = `http://127.0.0.1:${run.port}`;
    expect(printed).not.toContain('\u001b');
    expect(printed).toContain(`slackApiUrl: '${address}/api/'`);
    expect(printed).toContain(`${address}/sandbox/world`);

    const curl = /^curl .*$/m.exec(printed)?.[0] ?? '';
    const sh = (command: string) => JSON.parse(execFileSync('sh', ['-c', command]).toString());
    expect(sh(curl)).toMatchObject({ ok: true, invite_id: 'I0000000001' });
    expect(sh(`curl -sS ${address}/sandbox/mailbox`)).toHaveLength(1);

    for (const name of ['chat.postMessage', 'a%20b@c.example'])
      await fetch(`${address}/api/${name}`);
    const told = `here, only ${NAMES.join(', ')}`;
    await expect.poll(run.output).toContain(`slack  there is no method … ${told}`);
    expect(run.output()).toContain(`slack  there is no method chat.postMessage ${told}`);

    const pid = run.child.pid as number;
    const all = descendants(pid);
    expect(all.length).toBeGreaterThan(0);
    process.kill(-pid, 'SIGINT');
    process.kill(-pid, 'SIGINT');
    expect(await run.code).toBe(0);
    await expect.poll(() => all.filter(isAlive)).toEqual([]);
  });

  test('is ready soon, and runs before npm ci, as it loads nothing but its own files', async () => {
    const printed = `data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from 'node:module';
      registerHooks({
        resolve(specifier, context, next) {
          const found = next(specifier, context);
          if (found.url.includes('/node_modules/')) console.log(found.url);
          return found;
        },
      });`)}`;
    const [program = '', ...script] = DIRECT;
    const run = await start([], { command: [program, '--import', printed, ...script] });
    await untilReady(run);
    expect(run.output()).not.toContain('node_modules');
  });

  test('--rate n sets the rate a minute', async () => {
    const run = await start(['--rate', '6'], { command: DIRECT });
    await untilReady(run);
    const curl = /^curl .*$/m.exec(run.output())?.[0] ?? '';
    const burst = `for n in $(seq 20); do ${curl}; done >/dev/null; ${curl} -i`;
    const answer = execFileSync('sh', ['-c', burst]).toString();
    expect(answer).toContain('429 Too Many Requests');
    // Ten seconds a call, of which some may have passed; at the usual rate it is three at most.
    expect(answer).toMatch(/retry-after: ([4-9]|10)\r/);
  });

  test('--help is the usage, and nothing is started', async () => {
    const run = await start(['--help'], { command: DIRECT });
    expect(await run.code).toBe(0);
    expect(run.output()).toMatch(/^Runs a Slack of its own.*--rate N/s);
    expect(run.output()).not.toContain('Ready.');
  });

  test('says so and ends with 1 when the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    try {
      const run = await start([], { env: { SLACK_PORT: String(port) } });
      expect(await run.code).toBe(1);
      expect(run.output()).toContain(`The port ${port} is in use`);
      expect(run.output()).toContain('SLACK_PORT=');
      expect(run.output()).not.toContain('    at ');
    } finally {
      other.close();
    }
  });

  test.each([
    [['--rate', 'fast'], {}, '--rate must be a whole number'],
    [['--speed', '9'], {}, 'There are --rate n'],
    [
      [],
      { npm_config_rate: '6000' },
      'write "--" before the options, as in npm run slack -- --rate',
    ],
    [[], { SLACK_PORT: 'http' }, 'SLACK_PORT must be a port'],
  ])('refuses %j %j in words', async (args, env, words) => {
    const run = await start(args, { command: DIRECT, env });
    expect(await run.code).toBe(1);
    expect(run.output()).toContain(words);
    expect(run.output()).not.toContain('    at ');
  });
});
