import { createServer } from 'node:http';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createJwtIssuer } from '../../infra/local/jwt-issuer.ts';
import { listen } from '../../infra/local/lib/http.ts';
import { runScript } from '../support/command.ts';

const SCRIPT = 'infra/local/jwt.ts';

const jwt = (args: string[], env = {}) =>
  runScript(SCRIPT, args, { env: { PATH: process.env.PATH, ...env } });

const startRun = async (status = 200) => {
  const authorizer = { issuer: 'https://issuer.example', audience: ['one', 'two'], scopes: [] };
  const { issuer } = await createJwtIssuer(authorizer);
  const { port, close } = await listen(
    createServer((_, response) => response.writeHead(status).end(JSON.stringify(issuer))),
    0,
  );
  onTestFinished(close);
  return { AWS_PORT: String(port) };
};

test('prints one token, with what the run requires and what was given', async () => {
  const args = ['--sub', 'crm', '--scope', 'a', '--scope', 'b', '--claim', 'client_id=portal'];
  const env = await startRun();
  const { code, stdout } = await jwt([...args, '--claim', 'groups=["sales","ops"]'], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(decodeProtectedHeader(stdout.trim())).toMatchObject({ alg: 'RS256', kid: 'local' });
  const { iat = 0, exp, ...claims } = decodeJwt(stdout.trim());
  expect(claims).toEqual({
    iss: 'https://issuer.example',
    aud: 'one',
    sub: 'crm',
    scope: 'a b',
    client_id: 'portal',
    groups: ['sales', 'ops'],
  });
  expect(exp).toBe(iat + 3600);
});

test('any claim can be another one, or none', async () => {
  const args = ['--sub', 'crm', '--claim', 'exp=17', '--claim', 'aud=null', '--claim', 'iss=x=y'];
  const { stdout } = await jwt(args, await startRun());
  expect(decodeJwt(stdout.trim())).toEqual({
    iss: 'x=y',
    sub: 'crm',
    exp: 17,
    iat: expect.any(Number),
  });
});

test.each<[string[], object, string]>([
  [['--sub', 'crm'], { AWS_PORT: '2' }, 'Nothing listens at http://127.0.0.1:2'],
  [[], {}, 'Missing: --sub.'],
  [['--sub', 'crm', '--claim', 'x'], {}, '--claim takes K=V'],
  [['--sub', 'crm', '--claim', 'scope=a'], {}, '--scope a'],
  [['--subject', 'crm'], {}, 'There are --sub, --scope, --claim and --help'],
  [[], { npm_config_sub: 'crm' }, 'npm took --sub for itself'],
])('%j %j is told', async (args, env, words) => {
  const { code, stdout, stderr } = await jwt(args, env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(words);
  expect(stderr).not.toContain('    at ');
});

test('a run that takes signatures is told', async () => {
  const { code, stderr } = await jwt(['--sub', 'crm'], await startRun(403));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'This local run takes signatures, not JWTs: start it by npm start -- --jwt\n',
  });
});
