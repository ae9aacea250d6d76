import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startAwsProxy } from '../support/aws-proxy.ts';
import { startFunctionsAgain } from '../support/functions-again.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(() => run.sandbox('POST', 'reset'));

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`logged.${++people}@partner.example`] });

type Entry = { level: string; message: Record<string, unknown> };

/** What the functions logged during an action, beside the platform's lines and the metrics. */
const logOf = async (action: () => Promise<unknown>): Promise<Entry[]> => {
  const start = run.lines.length;
  await action();
  return run.lines
    .slice(start)
    .filter((line) => line.startsWith('{"timestamp"'))
    .map((line) => JSON.parse(line));
};

describe('the HTTP door logs', () => {
  test('nothing when all went well', async () => {
    const request = newRequest();
    expect(await logOf(() => run.post(request))).toEqual([]);
    expect(await logOf(() => run.post(request))).toEqual([]);
  });

  test.each([
    ['WARN', 'NotAllowed', 'channel_not_allowed', undefined, { channel: 'C0PRIVATE01' }],
    ['WARN', 'SlackRefused', 'restricted_action', { error: 'restricted_action' }, {}],
    ['ERROR', 'OutcomeUnknown', 'no_usable_answer', { drop: 'after' }, {}],
  ])('one %s for %s, with id, class and code', async (level, errorClass, code, fault, changes) => {
    if (fault) await run.sandbox('POST', 'faults', { ...fault, times: 1 });
    let id: unknown;
    const log = await logOf(async () => {
      id = (await run.post({ ...newRequest(), ...changes })).body.id;
    });
    expect(id).toMatch(/^inv1_/);
    expect(log).toMatchObject([
      { level, message: { event: 'request_failed', id, class: errorClass, code } },
    ]);
  });

  test('one line for an ask that is no invite yet, without an id', async () => {
    const log = await logOf(() => run.post({}));
    expect(log).toMatchObject([
      { level: 'WARN', message: { event: 'request_failed', code: 'invalid_request' } },
    ]);
    expect(log[0]?.message).not.toHaveProperty('id');
  });
});

test('what Slack warns of is logged with the invite’s id, and fails nothing', async () => {
  await run.sandbox('POST', 'faults', {
    body: '{"ok":true,"invite_id":"I0WARNED","warning":"missing_charset"}',
    times: 1,
  });
  let id: unknown;
  const log = await logOf(async () => {
    const { status, body } = await run.post(newRequest());
    expect(status).toBe(201);
    id = body.id;
  });
  expect(log).toMatchObject([
    { level: 'WARN', message: { event: 'slack_warnings', id, warnings: ['missing_charset'] } },
  ]);
});

test('an outcome that the table could not be told is answered as it is, and logged', async () => {
  const proxy = await startAwsProxy(
    run.stack.awsUrl,
    ({ operation, body }) =>
      operation === 'PutItem' && body.includes('"sent"') && !body.includes('"claim"'),
  );
  onTestFinished(proxy.close);
  const { post, close } = await startFunctionsAgain(run, {
    environment: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
  });
  onTestFinished(close);

  let id: unknown;
  const log = await logOf(async () => {
    const { status, body } = await post(newRequest());
    expect([status, body.status]).toEqual([201, 'sent']);
    id = body.id;
  });
  const message = { event: 'outcome_not_recorded', id, reason: 'table_unavailable' };
  expect(log).toMatchObject([{ level: 'ERROR', message }]);
  expect(await run.get(`/invites/${id}`)).toMatchObject({ body: { status: 'sending' } });
});
