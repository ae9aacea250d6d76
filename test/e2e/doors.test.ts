import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

describe('POST /invites', () => {
  test('takes a form, which the gateway delivers in base64', async () => {
    const form = new URLSearchParams({
      channel: CHANNEL,
      emails: '["form@partner.example"]',
      external_limited: '1',
    });
    const response = await run.raw(form.toString(), FORM_TYPE);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ recipient: 'form@partner.example' });
  });

  test.each([
    [415, 'unsupported_media_type', 'channel=C', { 'content-type': 'text/plain' }],
    [
      415,
      'unsupported_media_type',
      'a=b',
      { 'content-type': `${FORM_TYPE['content-type']}; charset=utf-16` },
    ],
    [422, 'invalid_request', '{}', { 'content-type': 'application/json; charset=utf8' }],
    [413, 'body_too_large', JSON.stringify({ channel: 'x'.repeat(16_384) }), JSON_TYPE],
    [400, 'unreadable_body', '{"channel":', JSON_TYPE],
    [400, 'unreadable_body', '', JSON_TYPE],
    [422, 'invalid_request', '[]', JSON_TYPE],
    [422, 'invalid_request', '{"channel":"general"}', JSON_TYPE],
    [422, 'invalid_request', 'channel=C0PARTNER01&emails=a%40b.co&emails=c%40d.co', FORM_TYPE],
  ])('answers %i %s for %j', async (status, code, body, headers) => {
    const response = await run.raw(body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ class: 'InvalidRequest', code, status });
  });

  test('names every field that is wrong, and its remedy', async () => {
    const { body } = await run.post({
      channel: '#general',
      emails: ['a@b.co', 'c@d.co'],
      urgent: true,
    });
    expect(body.errors).toMatchObject([
      { field: 'urgent', detail: expect.stringContaining('external_limited') },
      { field: 'channel', detail: expect.stringContaining('C012AB3CD4E') },
      { field: 'emails', detail: expect.stringContaining('one request per person') },
    ]);
  });

  test.each([
    [{ channel: 'C0PRIVATE01', emails: ['a@partner.example'] }, 'channels.C0PRIVATE01,'],
    [{ channel: CHANNEL, emails: ['a@gmail.example'] }, `channels.${CHANNEL}.emailDomains`],
    [{ channel: CHANNEL, user_ids: ['U0PARTNER02'] }, `channels.${CHANNEL}.userIds`],
    [
      { channel: CHANNEL, emails: ['a@partner.example'], external_limited: false },
      `channels.${CHANNEL}.fullAccess`,
    ],
  ])('refuses %j by policy, naming %s, and spends nothing', async (request, key) => {
    const calls = await run.slackCalls();
    expect(await run.post(request)).toMatchObject({
      status: 403,
      body: { class: 'NotAllowed', detail: expect.stringContaining(`slackConnectInvites.${key}`) },
    });
    expect(await run.slackCalls()).toBe(calls);
  });

  test('without a signature is 403, as the gateway says it', async () => {
    const response = await fetch(`${run.stack.apiUrl}/invites`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Forbidden' });
  });
});

describe('GET /invites/{id}', () => {
  test.each([
    'inv1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'inv1_',
    '%00',
    'gate%23conversations.inviteShared',
  ])('of %s is 404', async (id) => {
    expect(await run.get(`/invites/${id}`)).toMatchObject({
      status: 404,
      body: { class: 'NotFound', code: 'no_such_invite' },
    });
  });
});

describe('invite-task', () => {
  test('returns the invite', async () => {
    const { payload, functionError } = await run.task({
      channel: CHANNEL,
      emails: 'task@partner.example',
    });
    expect(functionError).toBeUndefined();
    expect(payload).toMatchObject({ status: 'sent', source: { door: 'invite-task' } });
  });

  test('throws the class by its name, with the problem as one line of JSON', async () => {
    const { payload, functionError } = await run.task({
      channel: 'C0PRIVATE01',
      emails: 'a@partner.example',
    });
    expect(functionError).toBe('Unhandled');
    expect(payload.errorType).toBe('NotAllowed');
    const logged = run.lines.find(
      (line) => line.includes('"errorMessage"') && line.includes('NotAllowed'),
    );
    expect(JSON.parse(logged ?? '{}')).toMatchObject({ message: { errorType: 'NotAllowed' } });
    expect(JSON.parse(String(payload.errorMessage))).toMatchObject({
      class: 'NotAllowed',
      code: 'channel_not_allowed',
      retryable: false,
      id: expect.stringMatching(/^inv1_/),
    });
  });

  test.each([[null], [[]], ['text'], [{}]])('refuses the input %j', async (input) => {
    expect((await run.task(input)).payload.errorType).toBe('InvalidRequest');
  });
});
