import { createServer, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { verifySigV4 } from '../../infra/local/iam/sigv4.ts';
import { listen, readBody } from '../../infra/local/lib/http.ts';
import { runScript } from '../support/command.ts';

const SCRIPT = 'infra/rollback/main.ts';
const KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
const STACK = ['--stack', 'Invites'];

/** A function as Lambda knows it: its versions' times, in their order, and the one that is live. */
type Deployed = { published: string[]; live: string };

const rollback = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  runScript(SCRIPT, args, {
    env: { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere', ...env },
  });

/** As much of Lambda as the command calls, which checks each signature and pages by two versions. */
const startLambda = async (functions: Record<string, Deployed>, taken: string[] = []) => {
  const answer = async (request: IncomingMessage) => {
    const { method = '', url: target = '/', rawHeaders } = request;
    const body = (await readBody(request, 10_000)) as Buffer;
    const verified = await verifySigV4(
      { method, target, rawHeaders, body },
      { service: 'lambda', region: 'eu-central-1', keys: new Map([[KEY.accessKeyId, KEY]]) },
    );
    if (!verified.ok) return [403, verified.code];
    const { pathname, searchParams } = new URL(target, 'http://lambda');
    const [, name = '', rest] =
      /^\/2015-03-31\/functions\/([^/]+)\/(versions|aliases\/live)$/.exec(pathname) ?? [];
    const known = functions[name];
    if (!known) return [404, 'ResourceNotFoundException'];
    if (rest === 'versions') {
      const start = Number(searchParams.get('Marker') ?? 0);
      const all = ['$LATEST', ...known.published.map((_, index) => String(index + 1))];
      const Versions = all.slice(start, start + 2).map((Version) => ({
        Version,
        LastModified: (known.published[Number(Version) - 1] ?? known.published.at(-1))?.replace(
          'Z',
          '.000+0000',
        ),
      }));
      return [200, { Versions, NextMarker: start + 2 < all.length ? String(start + 2) : null }];
    }
    if (method === 'PUT') {
      const change = JSON.parse(String(body));
      if (change.RevisionId !== `revision of ${name} ${known.live}`) {
        return [400, 'InvalidParameterValueException'];
      }
      if (taken.includes(name)) return [412, 'PreconditionFailedException'];
      known.live = change.FunctionVersion;
    }
    return [200, { FunctionVersion: known.live, RevisionId: `revision of ${name} ${known.live}` }];
  };
  const server = await listen(
    createServer(async (request, response) => {
      const [status, result] = await answer(request);
      const refused = typeof result === 'string';
      response
        .writeHead(Number(status), refused ? { 'x-amzn-errortype': `${result}:http://x` } : {})
        .end(JSON.stringify(refused ? { Message: `sentence of ${result}` } : result));
    }),
    0,
  );
  onTestFinished(server.close);
  const live = () => Object.fromEntries(Object.entries(functions).map(([n, f]) => [n, f.live]));
  const env = {
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: server.url,
  };
  return { env, live };
};

/** Three deploys; the last took five minutes, left the task alone and brought the lane ticket. */
const deployed = (): Record<string, Deployed> => ({
  'Invites-invite-api': {
    published: ['2026-11-01T10:00:00Z', '2026-11-10T10:00:05Z', '2026-11-20T10:04:10Z'],
    live: '3',
  },
  'Invites-invite-task': {
    published: ['2026-11-01T10:00:02Z', '2026-11-10T10:00:00Z'],
    live: '2',
  },
  'Invites-lane-ticket': { published: ['2026-11-20T10:00:00Z'], live: '1' },
});

test('the plan names each function with its versions and times, and changes nothing', async () => {
  const { env, live } = await startLambda(deployed());
  const before = live();
  const { code, stdout } = await rollback(STACK, env);
  expect(code).toBe(0);
  expect(stdout).toBe(`Invites, to the versions of 2026-11-20T09:59:59Z:

  invite-api   3 (2026-11-20T10:04:10Z) → 2 (2026-11-10T10:00:05Z)
  invite-task  2 (2026-11-10T10:00:00Z) stays: it had this version then
  lane-ticket  1 (2026-11-20T10:00:00Z) stays: it has no version of that time

Versions were published at: 2026-11-20T10:04:10Z, 2026-11-20T10:00:00Z, 2026-11-10T10:00:05Z, 2026-11-10T10:00:00Z, 2026-11-01T10:00:02Z, 2026-11-01T10:00:00Z
Nothing was changed. Add --yes to move 1.
`);
  expect(live()).toEqual(before);
});

test('with --yes the aliases move, and the command says how they come back', async () => {
  const { env, live } = await startLambda(deployed());
  const { code, stdout } = await rollback([...STACK, '--yes'], env);
  expect(code).toBe(0);
  expect(live()).toMatchObject({ 'Invites-invite-api': '2', 'Invites-invite-task': '2' });
  const [, back = ''] = /Forward again: npm run rollback -- (.*)/.exec(stdout) ?? [];
  await rollback(back.split(' '), env);
  expect(live()).toMatchObject({ 'Invites-invite-api': '3', 'Invites-invite-task': '2' });
});

test.each([
  ['2026-11-01T10:00:02Z', { 'Invites-invite-api': '1', 'Invites-invite-task': '1' }],
  ['2026-11-01T11:00:02+01:00', { 'Invites-invite-api': '1', 'Invites-invite-task': '1' }],
  // Before the last version of the deploy, and after its first.
  ['2026-11-10T10:00:04Z', { 'Invites-invite-api': '1', 'Invites-invite-task': '2' }],
  ['2026-11-10T10:00:05Z', { 'Invites-invite-api': '2', 'Invites-invite-task': '2' }],
])('--to %s takes the newest version of each function at that time', async (to, expected) => {
  const { env, live } = await startLambda(deployed());
  expect((await rollback([...STACK, '--to', to, '--yes'], env)).code).toBe(0);
  expect(live()).toEqual({ ...expected, 'Invites-lane-ticket': '1' });
});

test('an alias that somebody else moves meanwhile stays, and the command says how to go on', async () => {
  const { env, live } = await startLambda(deployed(), ['Invites-invite-task']);
  const args = [...STACK, '--to', '2026-11-05T00:00:00Z', '--yes'];
  const { code, stderr } = await rollback(args, env);
  expect(code).toBe(1);
  expect(stderr).toContain('Invites-invite-task: PreconditionFailedException');
  expect(stderr).toContain(`Moved 1 of 2. For the others: npm run rollback -- ${args.join(' ')}`);
  expect(live()).toMatchObject({ 'Invites-invite-api': '1', 'Invites-invite-task': '2' });
});

test('where there is one version only, there is nothing to move', async () => {
  const first = { 'Invites-invite-api': { published: ['2026-11-01T10:00:00Z'], live: '1' } };
  const { env } = await startLambda(first);
  const { code, stdout } = await rollback([...STACK, '--yes'], env);
  expect([code, stdout]).toEqual([0, expect.stringContaining('There is nothing to move.')]);
});

test('a "yes" in an .npmrc is npm\'s own and no mistake', async () => {
  const { env } = await startLambda(deployed());
  const { code, stdout } = await rollback(STACK, { ...env, npm_config_yes: 'true' });
  expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing was changed')]);
});

test.each([
  [[], {}, /^Missing: --stack/],
  [['--stack', 'Other'], {}, /^There is no function of a stack Other with an alias "live" in eu/],
  [[...STACK, '--to', '7'], {}, /^--to must be a time with its zone, .* not "7"/],
  [[...STACK, '--to', '2026-13-01T00:00:00Z'], {}, /^--to must be a time/],
  [STACK, { AWS_REGION: '' }, /^No region: set AWS_REGION/],
  [STACK, { AWS_ACCESS_KEY_ID: '', AWS_EC2_METADATA_DISABLED: 'true' }, /^No AWS credentials/],
  [STACK, { AWS_SECRET_ACCESS_KEY: 'wrong' }, /^InvalidSignatureException: sentence/],
  [[], { npm_config_stack: 'X', npm_config_yes: 'true' }, /^npm took --stack, --yes for itself/],
] as [string[], NodeJS.ProcessEnv, RegExp][])(
  '%j with %j ends in one sentence',
  async (args, change, sentence) => {
    const { env } = await startLambda(deployed());
    const { code, stderr } = await rollback(args, { ...env, ...change });
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  },
);
