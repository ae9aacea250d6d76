import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSlackClient } from '../../functions/slack/client.ts';
import { signedFetch } from '../../infra/local/iam/signer.ts';
import { BUCKET_CAPACITY } from '../../infra/local/slack/limiter.ts';
import { descendants, freePorts, isAlive } from '../support/processes.ts';

type Started = {
  npm: ChildProcess;
  env: NodeJS.ProcessEnv;
  output: () => string;
  /** npm's own exit code. */
  code: Promise<number | null>;
};

const killAll = (all: Started[]) => {
  for (const { npm } of all) {
    if (npm.exitCode === null && npm.signalCode === null && npm.pid)
      process.kill(-npm.pid, 'SIGKILL');
  }
};

const NPM_START = ['npm', 'start', '--'] as const;
/** What it runs. */
const START = [process.execPath, 'infra/local/start.ts'] as const;

/** Runs `npm start` in a process group of its own, as a shell does. */
const npmStart = async (
  args: string[] = [],
  changes: NodeJS.ProcessEnv = {},
  [program, ...first]: readonly [string, ...string[]] = NPM_START,
): Promise<Started> => {
  const [PORT, SLACK_PORT, AWS_PORT, HR_PORT] = (await freePorts(4)).map(String);
  const env = { ...process.env, PORT, SLACK_PORT, AWS_PORT, HR_PORT, ...changes };
  const npm = spawn(program, [...first, ...args], { detached: true, env });
  let text = '';
  npm.stdout.on('data', (chunk) => {
    text += chunk;
  });
  npm.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const code = new Promise<number | null>((resolve) => npm.once('close', resolve));
  return { npm, env, output: () => text, code };
};

const lastLine = ({ output }: Started) => output().trimEnd().split('\n').at(-1);
const untilReady = (start: Started) =>
  vi.waitUntil(() => lastLine(start) === 'Ready.' || start.npm.exitCode !== null, {
    timeout: 60_000,
  });

/** What this machine's curl can do; nothing where there is none. */
const curlHelp = (() => {
  try {
    return execFileSync('curl', ['--help', 'all']).toString();
  } catch {
    return '';
  }
})();
const knowsSigV4 = curlHelp.includes('--aws-sigv4');

// In their order: one start, as a newcomer goes through it.
describe('a first run', { timeout: 30_000 }, () => {
  let run: Started;
  beforeAll(async () => {
    run = await npmStart(['--rate', '6000']);
    await untilReady(run);
  }, 60_000);
  afterAll(() => killAll([run]));

  const printed = (line: RegExp) => line.exec(run.output())?.[0] ?? '';
  const shell = (command: string) =>
    execFileSync('sh', ['-c', command], { env: run.env }).toString();
  const slackUrl = () => `http://127.0.0.1:${run.env.SLACK_PORT}`;

  test('ends its output with a curl command and Ready, without colours, without a token', () => {
    expect(lastLine(run)).toBe('Ready.');
    const text = run.output();
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/xox[a-z]/);
    const curl = text.slice(text.indexOf('curl')).split('\n')[0];
    expect(curl).toMatch(/^curl .*--aws-sigv4 .*'\{[^{}']*\}'/);
  });

  test.skipIf(!knowsSigV4)('sends an invitation by that command as it stands', async () => {
    const invite = JSON.parse(shell(printed(/^curl .*$/m)));
    expect(invite).toMatchObject({ status: 'sent', attempts: 1 });
    const sent = await (await fetch(`${slackUrl()}/sandbox/invites`)).json();
    expect(sent).toMatchObject([{ recipient_email: invite.recipient }]);
  });

  test('asks for the same by the printed npm run invite', () => {
    const answer = shell(printed(/^(PORT=\d+ )?npm run invite .*$/m));
    expect(answer).toContain(knowsSigV4 ? '200 OK' : '201 Created');
    expect(answer).toContain('"status": "sent"');
  });

  test.skipIf(!curlHelp).each([
    ['greenhouse', 'hired.person@partner.example'],
    ['zapier', 'new.contractor@partner.example'],
    ['bamboohr', 'ines.employee@partner.example'],
  ])(
    'delivers an event of %s by the printed command, twice, and invites once',
    async (source, email) => {
      const command = printed(new RegExp(`^curl .*/webhooks/${source}$`, 'm'));
      expect(shell(command)).toMatch(/^HTTP\/1\.1 200 /);
      const mailsTo = async () => {
        const mails = (await (await fetch(`${slackUrl()}/sandbox/mailbox`)).json()) as {
          recipient_email: string;
        }[];
        return mails.filter((mail) => mail.recipient_email === email).length;
      };
      await expect.poll(mailsTo, { timeout: 10_000 }).toBe(1);
      expect(shell(command)).toMatch(/^HTTP\/1\.1 200 /);
      expect(await mailsTo()).toBe(1);
    },
  );

  test.skipIf(!curlHelp)('refuses the printed delivery with another signature', () => {
    const command = printed(/^curl .*\/webhooks\/greenhouse$/m);
    const forged = command.replace(/sha256 ..../, 'sha256 0000');
    expect(forged).not.toBe(command);
    expect(shell(forged)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('begins anew on both sides by a reset of Slack', async () => {
    await fetch(`${slackUrl()}/sandbox/reset`, { method: 'POST' });
    const answer = shell(printed(/^(PORT=\d+ )?npm run invite .*$/m));
    expect(answer).toContain('201 Created');
    const mails = await (await fetch(`${slackUrl()}/sandbox/mailbox`)).json();
    expect(mails).toHaveLength(1);
  });

  test('shows itself at the port of the AWS endpoint', async () => {
    const page = await fetch(`http://127.0.0.1:${run.env.AWS_PORT}/`);
    expect(await page.text()).toContain('<h1>Slack Connect invites</h1>');
    const shown = await fetch(`http://127.0.0.1:${run.env.AWS_PORT}/_local/overview`);
    const { alarms, dashboards } = (await shown.json()) as { alarms: []; dashboards: [] };
    expect(alarms.length).toBeGreaterThan(5);
    expect(dashboards.length).toBe(2);
  });

  test("has the --rate on both sides, Slack's and ours", async () => {
    const { triggers } = (await (await fetch(`${slackUrl()}/sandbox/world`)).json()) as {
      triggers: { ok: { request: { token: string; channel: string; emails: [string] } } };
    };
    const { token, channel, emails } = triggers.ok.request;
    const slack = createSlackClient(new URL(`${slackUrl()}/api/`));
    const invite = { channel, emails, external_limited: true };
    // More than the bucket holds: at 6000 a minute, five have come back after a tenth of a second.
    for (let call = 1; call <= BUCKET_CAPACITY + 5; call += 1) {
      if (call === BUCKET_CAPACITY) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await slack.inviteShared(token, invite, 5000)).toMatchObject({ kind: 'accepted' });
    }

    const functions = await signedFetch(
      new URL(`http://127.0.0.1:${run.env.AWS_PORT}/2015-03-31/functions`),
      { method: 'GET' },
      {
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        region: 'us-east-1',
        service: 'lambda',
      },
    );
    const { Functions } = (await functions.json()) as {
      Functions: { Environment: { Variables: { CONFIG: string } } }[];
    };
    const rates = Functions.map(
      ({ Environment }) => JSON.parse(Environment.Variables.CONFIG).ratePerMinute,
    );
    expect(rates.length).toBeGreaterThan(2);
    expect(new Set(rates)).toEqual(new Set([6000]));
  });

  test('ends by Ctrl-C with 0, whole, and a second Ctrl-C changes nothing', async () => {
    const pid = run.npm.pid as number;
    const all = descendants(pid);
    expect(all.length).toBeGreaterThan(1);
    process.kill(-pid, 'SIGINT');
    process.kill(-pid, 'SIGINT');
    expect(await run.code).toBe(0);
    await expect.poll(() => all.filter(isAlive)).toEqual([]);
  });
});

describe('npm start', { timeout: 90_000 }, () => {
  const all: Started[] = [];
  afterEach(() => killAll(all.splice(0)));
  const start = async (...started: Parameters<typeof npmStart>) => {
    const one = await npmStart(...started);
    all.push(one);
    return one;
  };

  test('ends with 0 when it is interrupted before it is ready', async () => {
    const run = await start();
    await expect.poll(run.output, { timeout: 20_000 }).toContain('synthesizing');
    const pid = run.npm.pid as number;
    const processes = descendants(pid);
    process.kill(-pid, 'SIGINT');
    expect(await run.code).toBe(0);
    await expect.poll(() => processes.filter(isAlive)).toEqual([]);
  });

  test.each([
    ['PORT', NPM_START],
    ['SLACK_PORT', START],
    ['AWS_PORT', START],
    ['HR_PORT', START],
  ] as const)('says so and ends with 1 when the %s is in use', async (name, program) => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    try {
      const run = await start([], { [name]: String(port) }, program);
      expect(await run.code).toBe(1);
      expect(run.output()).toContain(`The port ${port} is in use`);
      expect(run.output()).not.toContain('    at ');
    } finally {
      other.close();
    }
  });

  test.each([
    [['--rate', 'fast'], {}, '--rate must be a whole number'],
    [['--speed', '9'], {}, '--rate n'],
    [[], { PORT: 'http' }, 'PORT must be a port'],
    [['-c', 'slackConnectInvites.burst=50'], {}, 'slackConnectInvites.burst'],
    [['-c', 'slackConnectInvites.bursts=5'], {}, 'slackConnectInvites.bursts'],
  ])('refuses %j %j in words', async (args, env, words) => {
    const run = await start(args, env, START);
    expect(await run.code).toBe(1);
    expect(run.output()).toContain(words);
    expect(run.output()).not.toContain('    at ');
  });
});
