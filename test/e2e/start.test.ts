import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { descendants, freePorts, isAlive } from '../support/processes.ts';

type Started = {
  npm: ChildProcess;
  env: NodeJS.ProcessEnv;
  output: () => string;
  /** npm's own exit code. */
  code: Promise<number | null>;
};

const started: Started[] = [];
afterEach(() => {
  for (const { npm } of started.splice(0)) {
    if (npm.exitCode === null && npm.signalCode === null && npm.pid)
      process.kill(-npm.pid, 'SIGKILL');
  }
});

/** Runs `npm start` in a process group of its own, as a shell does. */
const npmStart = async (args: string[] = [], changes: NodeJS.ProcessEnv = {}): Promise<Started> => {
  const [PORT, SLACK_PORT, AWS_PORT] = (await freePorts(3)).map(String);
  const env = { ...process.env, PORT, SLACK_PORT, AWS_PORT, ...changes };
  const npm = spawn('npm', ['start', '--', ...args], { detached: true, env });
  let text = '';
  npm.stdout.on('data', (chunk) => {
    text += chunk;
  });
  npm.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const code = new Promise<number | null>((resolve) => npm.once('close', resolve));
  const one = { npm, env, output: () => text, code };
  started.push(one);
  return one;
};

const untilReady = ({ output, npm }: Started) =>
  expect
    .poll(() => output().trimEnd().split('\n').at(-1) === 'Ready.' || npm.exitCode !== null, {
      timeout: 60_000,
      interval: 50,
    })
    .toBe(true);

const knowsSigV4 = () => {
  try {
    return execFileSync('curl', ['--help', 'all']).includes('--aws-sigv4');
  } catch {
    return false;
  }
};

describe('npm start', { timeout: 90_000 }, () => {
  test('is ready when it says so, its printed commands work, and Ctrl-C ends all of it with 0', async () => {
    const run = await npmStart(['--rate', '6000']);
    await untilReady(run);
    const printed = run.output();

    expect(printed).not.toContain('\u001b');
    expect(printed).not.toMatch(/xox[a-z]/);
    const curl = printed.slice(printed.indexOf('curl')).split('\n')[0] ?? '';
    expect(curl).toMatch(/^curl .*--aws-sigv4 .*'\{[^{}']*\}'/);
    const invite = /^(PORT=\d+ )?npm run invite .*$/m.exec(printed)?.[0] ?? '';
    const sh = (command: string) =>
      execFileSync('sh', ['-c', command], { env: run.env }).toString();
    expect(sh(invite)).toContain('201 Created');
    if (knowsSigV4()) expect(JSON.parse(sh(curl))).toMatchObject({ status: 'sent', attempts: 1 });

    const pid = run.npm.pid as number;
    const all = descendants(pid);
    expect(all.length).toBeGreaterThan(1);
    process.kill(-pid, 'SIGINT');
    process.kill(-pid, 'SIGINT');
    expect(await run.code).toBe(0);
    await expect.poll(() => all.filter(isAlive)).toEqual([]);
  });

  test('ends with 0 when it is interrupted before it is ready', async () => {
    const run = await npmStart();
    await expect.poll(run.output, { timeout: 20_000 }).toContain('synthesizing');
    const pid = run.npm.pid as number;
    const all = descendants(pid);
    process.kill(-pid, 'SIGINT');
    expect(await run.code).toBe(0);
    await expect.poll(() => all.filter(isAlive)).toEqual([]);
  });

  test.each(['PORT', 'SLACK_PORT', 'AWS_PORT'])(
    'says so and ends with 1 when the %s is in use',
    async (name) => {
      const other = createServer();
      await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
      const { port } = other.address() as { port: number };
      try {
        const run = await npmStart([], { [name]: String(port) });
        expect(await run.code).toBe(1);
        expect(run.output()).toContain(`The port ${port} is in use`);
        expect(run.output()).not.toContain('    at ');
      } finally {
        other.close();
      }
    },
  );

  test.each([
    [['--rate', 'fast'], {}, '--rate must be a whole number'],
    [['--speed', '9'], {}, '--rate n'],
    [[], { PORT: 'http' }, 'PORT must be a port'],
    [['-c', 'slackConnectInvites.burst=50'], {}, 'slackConnectInvites.burst'],
    [['-c', 'slackConnectInvites.bursts=5'], {}, 'slackConnectInvites.bursts'],
  ])('refuses %j %j in words', async (args, env, words) => {
    const run = await npmStart(args, env);
    expect(await run.code).toBe(1);
    expect(run.output()).toContain(words);
    expect(run.output()).not.toContain('    at ');
  });
});
