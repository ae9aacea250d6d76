import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSecret } from '../../infra/operate/secret.ts';
import { outputOf, type Stack } from '../../infra/operate/stack.ts';
import { runScript } from '../support/command.ts';
import { type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';
import { operated, portsOf } from '../support/operated.ts';

let run: LocalRun;
let stack: Stack;

beforeAll(async () => {
  run = await startLocalRun();
  stack = await operated(run);
});
afterAll(() => run.close());

/** `npm run token` in a process of its own, as npm runs it. */
const command = async (input: string, ...args: string[]) => {
  const env = { ...process.env, ...portsOf(run) };
  const { code, stdout, stderr } = await runScript('infra/operate/token.ts', args, { env, input });
  return { code, output: stdout + stderr };
};
const inSecret = () => readSecret(stack, outputOf(stack, 'SecretArn'));

test('a good token is put in, without the line end of the paste', async () => {
  const { code, output } = await command('  xoxb-local-acme-rotated\n');
  expect(output).toContain('The token is in.');
  expect(code).toBe(0);
  expect(await inSecret()).toBe('xoxb-local-acme-rotated');
  expect(output).not.toContain('xoxb-local');
});

test('one that Slack refuses is not put in', async () => {
  await run.putToken(TOKEN);
  const { code, output } = await command('xoxb-local-acme-revoked');
  expect(output).toContain('Slack refuses the token: token_revoked.');
  expect(output).toContain('The token was not put in.');
  expect(code).toBe(1);
  expect(await inSecret()).toBe(TOKEN);
});

test('one that may manage invitations is not put in', async () => {
  const { code, output } = await command('xoxb-local-acme-manage');
  expect(output).toContain('conversations.connect:manage');
  expect(code).toBe(1);
  expect(await inSecret()).toBe(TOKEN);
});

test('what is no token is told so, and not repeated', async () => {
  const { code, output } = await command('hunter2');
  expect(output).toContain('The standard input holds no token');
  expect(output).not.toContain('hunter2');
  expect(code).toBe(1);
});

test('an option that does not exist is told with those that do', async () => {
  const { code, output } = await command('', '--stak', 'X');
  expect(output).toContain('--stack and --help');
  expect(code).toBe(1);
});
