import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { NAMES } from '../../infra/local/slack/connect-methods.ts';
import { type Client, startSlack, TOKEN } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack({ capacity: 5, ratePerMinute: 1 });
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

test('the world says how a good call goes', async () => {
  const { triggers, channels, tokens } = await slack.sandbox('world');
  const { request } = triggers.ok;
  expect(Object.keys(request)).toEqual(['token', 'channel', 'emails']);
  expect(channels).toHaveProperty(request.channel);
  expect(tokens).toHaveProperty([request.token]);
});

test('reset brings back world, invitations, mailbox, calls, faults, limiter and ids', async () => {
  const fresh = await slack.sandbox('world');
  const settings = await slack.sandbox('settings');
  const first = await slack.inviteJson();
  for (let n = 0; n < 4; n++) await slack.invite();
  expect((await slack.invite()).status).toBe(429);
  await slack.sandbox('world', { tokens: { [TOKEN]: { state: 'revoked' } } });
  await slack.sandbox('settings', { rate_per_minute: 1000, governance: true });
  await slack.sandbox('faults', { hang: true });

  expect(await slack.sandbox('reset', undefined, 'POST')).toEqual({ reset: true });

  expect(await slack.sandbox('world')).toEqual(fresh);
  expect(await slack.sandbox('settings')).toEqual(settings);
  expect(await slack.sandbox('invites')).toEqual([]);
  expect(await slack.sandbox('mailbox')).toEqual([]);
  const calls = await slack.sandbox('calls');
  expect(Object.keys(calls)).toEqual([...NAMES, 'unknown_method']);
  for (const counted of Object.values(calls)) expect(counted).toEqual({ calls: 0, answers: {} });
  expect(await slack.inviteJson()).toEqual(first);
});

test('the newest invitation stands last', async () => {
  await slack.invite('channel=C0PARTNER01&emails=first@partner.example');
  await slack.invite('channel=C0PARTNER01&emails=second@partner.example');
  for (const list of ['invites', 'mailbox']) {
    const entries = (await slack.sandbox(list)) as { recipient_email: string }[];
    expect(entries.map(({ recipient_email }) => recipient_email)).toEqual([
      'first@partner.example',
      'second@partner.example',
    ]);
  }
});

test('calls are counted by method and by answer', async () => {
  await slack.invite();
  await slack.invite();
  await slack.invite('channel=C0NOWHERE01&emails=a@b.co');
  await fetch(`${slack.apiUrl}auth.test`);
  await fetch(`${slack.apiUrl}chat.postMessage`);
  expect(await slack.sandbox('calls')).toMatchObject({
    [METHOD]: { calls: 3, answers: { ok: 2, channel_not_found: 1 } },
    'auth.test': { calls: 1, answers: { not_authed: 1 } },
    unknown_method: { calls: 1, answers: { unknown_method: 1 } },
  });
});

test.each(['/sandbox/nothing', '/sandbox/', '/nothing', '/favicon.ico', '/sandbox/constructor'])(
  'the unknown path %s is answered 404 with what there is',
  async (path) => {
    const response = await fetch(slack.url + path);
    expect(response.status).toBe(404);
    expect((await response.json()) as object).toMatchObject({
      error: 'not_found',
      there_is: expect.arrayContaining(['GET /sandbox/world', 'POST /sandbox/reset']),
    });
  },
);

test('a known path with another method is answered 405 with those it takes', async () => {
  const response = await fetch(`${slack.url}/sandbox/faults`, { method: 'PUT' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, POST, DELETE');
});

test.each(['', '{', 'x'.repeat(70_000)])('an unreadable body is answered 400', async (body) => {
  const response = await fetch(`${slack.url}/sandbox/faults`, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ field: '(body)' });
});
