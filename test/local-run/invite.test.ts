import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { listen, readBody } from '../../infra/local/lib/http.ts';

const SCRIPT = fileURLToPath(new URL('../../infra/local/invite.ts', import.meta.url));
const NOBODY = 'http://127.0.0.1:2';
const ADA = ['--channel', 'C0PARTNER01', '--email', 'ada@partner.example'];

/** The command with nothing of this process's environment. */
const invite = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
};

/** An API that says 422 and keeps what it got. */
const startApi = async () => {
  const bodies: unknown[] = [];
  const api = await listen(
    createServer(async (request, response) => {
      bodies.push(JSON.parse(String(await readBody(request, 10_000))));
      response.writeHead(422).end('{"class":"InvalidRequest"}');
    }),
    0,
  );
  onTestFinished(api.close);
  return { url: api.url, port: String(api.port), bodies };
};

test('everything that is given reaches the API, repeated and empty values too', async () => {
  const { port, bodies } = await startApi();
  const args = [...ADA, '--email', 'bo@partner.example', '--user', 'U1', '--user', 'U2'];
  const more = ['--reference', '', '--resend', '1x', '--full-access'];
  const { code, stdout } = await invite([...args, ...more], { PORT: port });
  expect(bodies).toEqual([
    {
      channel: 'C0PARTNER01',
      emails: ['ada@partner.example', 'bo@partner.example'],
      user_ids: ['U1', 'U2'],
      external_limited: false,
      resend: '1x',
      reference: '',
    },
  ]);
  expect(stdout).toContain('422 Unprocessable Entity\n{\n  "class": "InvalidRequest"');
  expect(code).toBe(1);
});

test('only what is given reaches the API', async () => {
  const { url, bodies } = await startApi();
  await invite([...ADA, '--resend', '1', '--url', `${url}/`]);
  expect(bodies).toEqual([{ channel: 'C0PARTNER01', emails: ['ada@partner.example'], resend: 1 }]);
});

test('what is missing is named before the usage', async () => {
  const { code, stderr } = await invite(['--email', 'ada@partner.example']);
  expect(stderr).toMatch(/^Missing: --channel\.\n\nSends one invitation/);
  expect(code).toBe(1);
  expect((await invite([])).stderr).toMatch(/^Missing: --channel, and --email or --user\.\n/);
});

test('--help is the usage, and no failure', async () => {
  const { code, stdout, stderr } = await invite(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/AWS_DEFAULT_REGION/);
});

const AWS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const ELSEWHERE = 'https://invites.invalid';
test.each([
  [['--url', 'foo'], {}, '--url must be an address such as https:'],
  [['--url', '127.0.0.1:3500'], {}, 'not "127.0.0.1:3500"'],
  [['--url', 'localhost:3500'], {}, 'not "localhost:3500"'],
  [['--url', NOBODY], {}, `Nothing listens at ${NOBODY}: is "npm start" running?`],
  [[], { PORT: '2' }, `Nothing listens at ${NOBODY}: is "npm start" running?`],
  [[], { PORT: 'x' }, 'PORT must be a port'],
  [['--url', ELSEWHERE], {}, '--url needs AWS_ACCESS_KEY_ID'],
  [['--url', ELSEWHERE], AWS, 'set AWS_REGION or AWS_DEFAULT_REGION'],
  [
    ['--url', ELSEWHERE],
    { ...AWS, AWS_DEFAULT_REGION: 'eu-west-1' },
    `${ELSEWHERE} cannot be reached`,
  ],
  [['--mail', 'x'], {}, "Unknown option '--mail'. There are --channel,"],
] as [string[], NodeJS.ProcessEnv, string][])(
  '%j %j is told in one line',
  async (args, env, words) => {
    const { code, stdout, stderr } = await invite([...ADA, ...args], env);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  },
);
