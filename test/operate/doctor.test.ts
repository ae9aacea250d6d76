import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine, isSound } from '../../infra/operate/doctor.ts';
import { CHECKS, FINDINGS, type Reported } from '../../infra/operate/findings.ts';
import { findStack, type Stack } from '../../infra/operate/stack.ts';
import { type LocalRun, startLocalRun, TOKEN } from '../support/local-run.ts';
import { operated } from '../support/operated.ts';
import { WEBHOOK_SECRETS } from '../support/sources.ts';

/** The tests' configuration has a source whose secret nobody has put in yet. */
const SECRETS = { ...WEBHOOK_SECRETS, unset: 'a-secret-that-is-there' };

let run: LocalRun;
let stack: Stack;

beforeAll(async () => {
  run = await startLocalRun();
  await run.putWebhookSecret(JSON.stringify(SECRETS));
  stack = await operated(run);
});
afterAll(() => run.close());

const findings = (report: Reported[]): (string | undefined)[] =>
  report.flatMap(({ finding }) => finding ?? []);

/** The report while something is otherwise; afterwards it is as it was. */
const reportWhile = async (change: () => Promise<unknown>, undo: () => Promise<unknown>) => {
  await change();
  try {
    return await examine(stack);
  } finally {
    await undo();
  }
};
const token = (secret: string) =>
  reportWhile(
    () => run.putToken(secret),
    () => run.putToken(TOKEN),
  );
const items = (pk: string, attributes: object) =>
  reportWhile(
    () => run.dynamo('PutItem', { Item: { pk: { S: pk }, ...attributes } }),
    () => run.dynamo('DeleteItem', { Key: { pk: { S: pk } } }),
  );

test('a fresh local run is sound, and every check says so', async () => {
  const report = await examine(stack);
  expect(report.filter(({ status }) => status === 'broken')).toEqual([]);
  expect(isSound(report)).toBe(true);
  expect([...new Set(report.map(({ check }) => check))]).toEqual(Object.keys(CHECKS));
});

test('it takes less than 20 seconds, whatever is away', async () => {
  const away = { ...stack, slackApiUrl: 'http://127.0.0.1:1/api/' };
  const before = performance.now();
  const report = await examine(away);
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(findings(report)).toContain('slack_unreachable');
});

describe('the token', () => {
  test('that is not there is found', async () => {
    expect(findings(await token('hunter2'))).toContain('secret_without_token');
  });

  test('that Slack refuses is found with its code', async () => {
    const report = await token('xoxb-local-acme-revoked');
    expect(report).toContainEqual(
      expect.objectContaining({
        check: 'token',
        status: 'broken',
        finding: 'token_refused',
        detail: 'Slack refuses the token: token_revoked.',
      }),
    );
    expect(isSound(report)).toBe(false);
  });

  test('of a person is not taken for a bot token', async () => {
    expect(findings(await token('xoxp-local-acme-robin'))).toContain('token_of_another_kind');
  });

  test('without the scope is found, and what it lacks', async () => {
    const report = await token('xoxb-local-acme-noscope');
    expect(report).toContainEqual(
      expect.objectContaining({
        finding: 'scope_missing',
        detail: 'The token lacks the scope conversations.connect:write.',
      }),
    );
  });

  test('with the scope to manage is broken, and the report says why', async () => {
    const report = await token('xoxb-local-acme-manage');
    expect(report).toContainEqual(
      expect.objectContaining({
        status: 'broken',
        finding: 'scope_manage',
        remedy: expect.stringContaining("pass the workspace's own rules"),
      }),
    );
  });

  test('is never in the report', async () => {
    expect(JSON.stringify(await examine(stack))).not.toContain(TOKEN);
  });
});

describe("the sources' secrets", () => {
  const sources = (secrets: object) =>
    reportWhile(
      () => run.putWebhookSecret(JSON.stringify(secrets)),
      () => run.putWebhookSecret(JSON.stringify(SECRETS)),
    );
  const [name = ''] = Object.keys(SECRETS);

  test('that are missing are found by the name of the source', async () => {
    const report = await sources({ ...SECRETS, [name]: undefined });
    expect(report).toContainEqual(
      expect.objectContaining({
        finding: 'source_without_secret',
        detail: expect.stringContaining(name),
      }),
    );
  });

  test('that are too short are found', async () => {
    expect(findings(await sources({ ...SECRETS, [name]: 'short' }))).toContain(
      'source_secret_short',
    );
  });
});

describe('the gate and the lane', () => {
  const GATE = 'gate#conversations.inviteShared';
  const LANE = 'lane#conversations.inviteShared';
  const inMinutes = (minutes: number) => ({ N: String(Date.now() + minutes * 60_000) });

  test('that Slack closed for a while are no fault', async () => {
    const report = await items(GATE, { tat: inMinutes(10), held_until: inMinutes(10) });
    expect(findings(report)).toContain('gate_closed');
    expect(isSound(report)).toBe(true);
  });

  test('with a time that nothing here writes are found', async () => {
    expect(findings(await items(GATE, { tat: inMinutes(1_000_000) }))).toContain('gate_insane');
    expect(findings(await items(GATE, { tat: { S: 'soon' } }))).toContain('gate_insane');
    expect(findings(await items(LANE, { tat: { S: 'soon' } }))).toContain('lane_insane');
  });

  test('taken by nobody who runs are found', async () => {
    expect(findings(await items(LANE, { tat: inMinutes(300) }))).toContain('lane_ahead');
  });
});

test('a queue that is blocked is found with its code', async () => {
  const report = await items('block#conversations.inviteShared', {
    class: { S: 'SlackCredentials' },
    code: { S: 'no_token' },
    since: { N: String(Date.now()) },
    probed_at: { N: String(Date.now()) },
  });
  expect(report).toContainEqual(
    expect.objectContaining({
      finding: 'queue_blocked',
      status: 'broken',
      detail: expect.stringContaining('SlackCredentials, no_token'),
    }),
  );
});

test('a check that fails is a finding of its own', async () => {
  const report = await examine({ ...stack, outputs: { ...stack.outputs, TableName: 'nowhere' } });
  expect(findings(report)).toContain('check_failed');
});

test('without a local run it says what to start', async () => {
  await expect(findStack(undefined, { AWS_PORT: '1', PORT: '2', SLACK_PORT: '3' })).rejects.toThrow(
    'Nothing listens at http://127.0.0.1:1: is "npm start" running?',
  );
});

test('every finding has a remedy that is a sentence', () => {
  for (const { finds, remedy } of Object.values(FINDINGS)) {
    expect(finds).toMatch(/[.}]$/);
    expect(remedy.length).toBeGreaterThan(15);
  }
});
