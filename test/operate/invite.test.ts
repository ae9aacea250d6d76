import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen, readBody } from '../../infra/local/lib/http.ts';
import { runScript } from '../support/command.ts';

const SCRIPT = 'infra/operate/invite.ts';
const NOBODY = 'http://127.0.0.1:2';
const ADA = ['--channel', 'C0PARTNER01', '--email', 'ada@partner.example'];

/** The command with nothing of this process's environment. */
const invite = (args: string[], env: NodeJS.ProcessEnv = {}) => runScript(SCRIPT, args, { env });

/** An API that gives one answer, 422 unless told otherwise, and keeps what it got. */
const startApi = async ({
  status = 422,
  headers = {},
  body = '{"class":"InvalidRequest"}',
} = {}) => {
  const bodies: unknown[] = [];
  const api = await listen(
    createServer(async (request, response) => {
      bodies.push(JSON.parse(String(await readBody(request, 10_000))));
      response.writeHead(status, headers).end(body);
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

test('a dry run is one at the API', async () => {
  const urls: (string | undefined)[] = [];
  const api = await listen(
    createServer((request, response) => {
      urls.push(request.url);
      response.writeHead(200).end('{"would":"send"}');
    }),
    0,
  );
  onTestFinished(api.close);
  const { code, stdout } = await invite([...ADA, '--dry-run', '--url', api.url]);
  expect(urls).toEqual(['/invites?dry_run=true']);
  expect(stdout).toContain('"would": "send"');
  expect(code).toBe(0);
});

test('localhost is this machine, too', async () => {
  const { port, bodies } = await startApi();
  await invite([...ADA, '--url', `http://localhost:${port}`]);
  expect(bodies).toHaveLength(1);
});

test('the first line says in how many seconds to try again', async () => {
  const { port } = await startApi({ status: 429, headers: { 'retry-after': '7' } });
  const { code, stdout } = await invite(ADA, { PORT: port });
  expect(stdout).toMatch(/^429 Too Many Requests: try again in 7 s\n\{/);
  expect(code).toBe(1);
});

test('an API without the route is told as a wrong --url', async () => {
  const { url } = await startApi({ status: 404, body: '{"message":"Not Found"}' });
  const { stdout } = await invite([...ADA, '--url', `${url}/prod`]);
  expect(stdout).toMatch(
    /^404 Not Found: there is no POST \/invites; --url takes the stack's ApiUrl/,
  );
});

test('options that npm took for itself are told', async () => {
  // As of `npm run invite --channel C0PARTNER01 --email ada@partner.example`
  const npm = { npm_config_channel: 'true', npm_config_email: 'true' };
  const { code, stderr } = await invite(['C0PARTNER01', 'ada@partner.example'], npm);
  expect(stderr).toBe(
    'npm took --channel, --email for itself: write "--" before the options, as in npm run invite -- --channel C0PARTNER01 --email ada@partner.example\n',
  );
  expect(code).toBe(1);

  const some = await invite(ADA, { npm_config_full_access: 'true' });
  expect(some.stderr).toContain('npm took --full-access for itself');
});

test("the email of somebody's .npmrc is not taken for one", async () => {
  const { port, bodies } = await startApi();
  const npm = { npm_config_email: 'me@partner.example' };
  await invite(ADA, { PORT: port, ...npm });
  expect(bodies).toHaveLength(1);
  const { stderr } = await invite(['--channel', 'C0PARTNER01'], { PORT: port, ...npm });
  expect(stderr).toContain('npm took --email for itself');
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
  [['--url', `${ELSEWHERE}/invites`], AWS, 'ApiUrl alone: leave "/invites" out'],
  [['--url', `${ELSEWHERE}/invites/`], AWS, 'ApiUrl alone: leave "/invites" out'],
  [['--url', `${ELSEWHERE}/?x=1`], AWS, '--url must be an address such as https:'],
  [['--url', ELSEWHERE], {}, '--url needs AWS_ACCESS_KEY_ID'],
  [['--url', ELSEWHERE], {}, 'of AWS CLI 2 prints them, with version 1 set them yourself'],
  [
    ['--url', ELSEWHERE],
    { ...AWS, AWS_ACCESS_KEY_ID: 'local' },
    'that of the local run: unset AWS_',
  ],
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
