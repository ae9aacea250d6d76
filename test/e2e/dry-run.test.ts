import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { signedFetch } from '../support/local-signing.ts';
import { ASYNC, delayLane, openLane } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({
    config: { workspace: 'T0ACMECORP1' },
    policy: {
      channels: { [CHANNEL]: { emailDomains: ['partner.example'] } },
      deniedEmailDomains: [],
    },
  });
});
afterAll(() => run.close());
beforeEach(() => openLane(run));

const LANE = 'lane#conversations.inviteShared';

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`dry.${++people}@partner.example`] });

/** The whole table, and how often Slack was called. */
const world = async () => {
  const { Items } = await run.dynamo('Scan', { ConsistentRead: true });
  return {
    Items,
    calls: await run.slackCalls(),
    executions: await run.states('ListExecutions', {
      stateMachineArn:
        'arn:aws:states:us-east-1:000000000000:stateMachine:SlackConnectInvites-invites',
    }),
  };
};

/** A dry run, after which nothing is different. */
const dryRun = async (body: object, headers = {}, query = '?dry_run=true') => {
  const before = await world();
  const response = await signedFetch(`${run.stack.apiUrl}/invites${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(await world()).toEqual(before);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a dry run says what would happen, and writes and sends nothing:', () => {
  test('send, and then the request itself does', async () => {
    const request = newRequest();
    const foreseen = await dryRun(request);
    expect(foreseen).toEqual({
      status: 200,
      body: { would: 'send', id: expect.stringMatching(/^inv1_/), wait_seconds: 0 },
    });
    expect(await run.post(request)).toMatchObject({ status: 201, body: { id: foreseen.body.id } });
  });

  test('queue, with the time that it would take', async () => {
    await delayLane(run, 90);
    const request = newRequest();
    const { status, body } = await dryRun(request, ASYNC);
    expect({ status, body }).toMatchObject({ status: 200, body: { would: 'queue' } });
    expect(body.wait_seconds).toBeGreaterThan(80);
    expect(body.wait_seconds).toBeLessThanOrEqual(90);
    expect(body).not.toHaveProperty('invite');
    const lane = () => run.dynamo('GetItem', { Key: { pk: { S: LANE } } });
    const before = JSON.stringify(await lane());
    await run.post(request, ASYNC);
    await vi.waitUntil(async () => JSON.stringify(await lane()) !== before, 10_000); // its ticket
    expect(await dryRun(request)).toMatchObject({
      body: { would: 'queue', invite: { status: 'queued' } },
    });
  });

  test('nothing, with the invite that there is', async () => {
    const request = newRequest();
    const { body: invite } = await run.post(request);
    expect(await dryRun(request)).toEqual({
      status: 200,
      body: { would: 'nothing', id: invite.id, invite },
    });
    expect(await dryRun({ ...request, resend: 1 })).toMatchObject({
      body: { would: 'send', invite },
    });
  });

  test('send, with the invite that failed', async () => {
    const request = newRequest();
    await run.sandbox('POST', 'faults', { error: 'restricted_action', times: 1 });
    await run.post(request);
    expect(await dryRun(request)).toMatchObject({
      body: { would: 'send', invite: { status: 'failed' } },
    });
  });
});

describe('a dry run answers the error that the request would get, and writes and sends nothing:', () => {
  test.each<[number, string, object, object?]>([
    [422, 'invalid_request', { channel: CHANNEL, emails: ['a\u200b@partner.example'] }],
    [403, 'email_domain_not_allowed', { channel: CHANNEL, emails: ['a@other.example'] }],
    [403, 'channel_not_allowed', { channel: 'C0PRIVATE01', emails: ['a@partner.example'] }],
    [409, 'resend_ahead', { ...newRequest(), resend: 7 }],
    [422, 'invalid_request', { ...newRequest(), external_limited: false }, ASYNC],
  ])('%i %s', async (status, code, request, headers) => {
    expect(await dryRun(request, headers)).toMatchObject({ status, body: { code } });
    const real = await run.post(request, { ...headers });
    expect(real).toMatchObject({ status, body: { code } });
  });

  test('409, where the outcome of an earlier call is unknown', async () => {
    const request = newRequest();
    await run.sandbox('POST', 'faults', { drop: 'after', times: 1 });
    await run.post(request);
    expect(await dryRun(request)).toMatchObject({ status: 409, body: { code: 'outcome_unknown' } });
  });

  test('429, while the gate is closed', async () => {
    const Key = { pk: { S: 'gate#conversations.inviteShared' } };
    const tat = { N: String(Date.now() + 3_600_000) };
    await run.dynamo('PutItem', { Item: { ...Key, tat } });
    const { status, body } = await dryRun(newRequest());
    expect({ status, body }).toMatchObject({ status: 429, body: { code: 'gate_closed' } });
    expect(body.retry_after).toBeGreaterThan(3000);
    await run.dynamo('DeleteItem', { Key });
  });

  test('502, where the token is of another workspace', async () => {
    const other = await startLocalRun({ config: { workspace: 'T0CAUTIOUS1' } });
    const response = await signedFetch(`${other.stack.apiUrl}/invites?dry_run=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(newRequest()),
    });
    expect(await response.json()).toMatchObject({ status: 502, code: 'wrong_workspace' });
    await other.close();
  });
});

describe('a dry run that is not written as it should be is refused, and nothing is done', () => {
  test.each([
    '?dry_run=yes',
    '?dry_run=',
    '?dry_run',
    '?dry-run=true',
    '?dryRun=true',
    '?DRY_RUN=1',
  ])('%s', async (query) => {
    const { status, body } = await dryRun(newRequest(), {}, query);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ field: 'dry_run' }]);
  });

  test('while false is no dry run, and other parameters say nothing', async () => {
    for (const query of ['?dry_run=false', '?dry_run=0', '?trace=1']) {
      const response = await signedFetch(`${run.stack.apiUrl}/invites${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(newRequest()),
      });
      expect(response.status).toBe(201);
    }
  });
});
