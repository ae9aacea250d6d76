import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CODES } from '../../functions/slack/codes.ts';
import { METHOD } from '../../functions/slack/method.ts';
import { BEARER, type Client, startSlack } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack({ ratePerMinute: 20 });
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

const set = (fault: unknown) => slack.sandbox('faults', fault);
const invitesSent = async () => (await slack.sandbox('invites')).length;
const outcomes = async () => (await slack.sandbox('calls'))[METHOD].answers;

test('every documented code can be set, and ratelimited alone is HTTP 429', async () => {
  for (const code of Object.keys(CODES)) {
    await set({ error: code, times: 1 });
    const response = await slack.invite();
    expect([code, response.status]).toEqual([code, code === 'ratelimited' ? 429 : 200]);
    expect(await response.json()).toEqual({ ok: false, error: code });
  }
  expect(await invitesSent()).toBe(0);
});

describe('Retry-After', () => {
  test('of ratelimited is the time in which a call comes due', async () => {
    await set({ error: 'ratelimited' });
    expect((await slack.invite()).headers.get('retry-after')).toBe('3');
  });

  test('is what the fault says', async () => {
    await set({ error: 'ratelimited', retry_after: 7 });
    expect((await slack.invite()).headers.get('retry-after')).toBe('7');
    await set({ status: 429, retry_after: 9 });
    const response = await slack.invite();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '9']);
    expect(await response.json()).toEqual({ ok: false, error: 'ratelimited' });
  });

  test('is missing when a status of 429 names none', async () => {
    await set({ status: 429 });
    expect((await slack.invite()).headers.get('retry-after')).toBe(null);
  });
});

test('a status comes without a body', async () => {
  await set({ status: 500 });
  const response = await slack.invite();
  expect([response.status, await response.text()]).toEqual([500, '']);
  expect(await invitesSent()).toBe(0);
});

test.each([
  [{ body: '<html>oops</html>', status: 200 }, 200, 'text/html; charset=utf-8'],
  [{ body: '{"ok":tr' }, 200, 'application/json; charset=utf-8'],
  [{ body: '', status: 503 }, 503, 'application/json; charset=utf-8'],
])('the body of %j comes as it is', async (fault, status, type) => {
  await set(fault);
  const response = await slack.invite();
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(type);
  expect(await response.text()).toBe(fault.body);
  expect(await invitesSent()).toBe(0);
});

test('a drop before closes the connection and sends nothing', async () => {
  await set({ drop: 'before', times: 1 });
  await expect(slack.invite()).rejects.toThrow();
  expect(await invitesSent()).toBe(0);
  expect(await outcomes()).toEqual({ drop_before: 1 });
});

test('a drop after closes the connection and the invitation is out', async () => {
  await set({ drop: 'after', times: 1 });
  await expect(slack.invite()).rejects.toThrow();
  expect(await invitesSent()).toBe(1);
  expect(await slack.sandbox('mailbox')).toHaveLength(1);
  expect(await outcomes()).toEqual({ drop_after: 1 });
});

test('a delay comes before an ordinary answer', async () => {
  await set({ delay_ms: 300, times: 1 });
  const start = performance.now();
  expect(await slack.inviteJson()).toMatchObject({ ok: true });
  expect(performance.now() - start).toBeGreaterThan(290);
  expect(await invitesSent()).toBe(1);
});

test('a delayed call whose caller has left takes effect all the same', async () => {
  await set({ delay_ms: 2000, times: 1 });
  const caller = new AbortController();
  const left = expect(slack.invite(undefined, { signal: caller.signal })).rejects.toThrow();
  await expect.poll(async () => (await slack.sandbox('calls'))[METHOD].calls).toBe(1);
  caller.abort();
  await left;
  expect(await invitesSent()).toBe(0);
  await expect.poll(invitesSent).toBe(1);
});

test('a delayed call does not reach into the world after a reset', async () => {
  await set({ delay_ms: 2000, times: 1 });
  const late = slack.inviteJson();
  await expect.poll(async () => (await slack.sandbox('calls'))[METHOD].calls).toBe(1);
  await slack.sandbox('reset', {});
  expect(await late).toMatchObject({ ok: true });
  expect(await invitesSent()).toBe(0);
});

test('a hanging call is never answered, and holds up nobody', async () => {
  await set({ hang: true, times: 1 });
  const hanging = slack.invite(undefined, { signal: AbortSignal.timeout(400) });
  const gaveUp = expect(hanging).rejects.toThrow(/timeout/);
  await expect.poll(outcomes).toEqual({ hang: 1 });
  expect(await slack.inviteJson()).toMatchObject({ ok: true });
  await gaveUp;
  expect(await invitesSent()).toBe(1);
});

describe('how long a fault holds', () => {
  test('times is how many calls', async () => {
    await set({ error: 'internal_error', times: 2 });
    await slack.invite();
    expect(await slack.sandbox('faults')).toEqual({ fault: { error: 'internal_error', times: 1 } });
    await slack.invite();
    expect(await slack.sandbox('faults')).toEqual({ fault: null });
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });

  test('without times it is until DELETE', async () => {
    await set({ error: 'internal_error' });
    for (let n = 0; n < 3; n++) expect(await slack.inviteJson()).toMatchObject({ ok: false });
    expect(await slack.sandbox('faults', undefined, 'DELETE')).toEqual({ fault: null });
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });

  test('a new fault takes the place of the one before', async () => {
    await set({ error: 'internal_error' });
    await set({ error: 'not_paid' });
    expect(await slack.inviteJson()).toMatchObject({ error: 'not_paid' });
  });

  test('auth.test has none', async () => {
    await set({ hang: true });
    const response = await fetch(`${slack.apiUrl}auth.test`, { headers: BEARER });
    expect(await response.json()).toMatchObject({ ok: true });
  });

  test('a call that a fault answers takes nothing from the rate limiter', async () => {
    await set({ error: 'internal_error', times: 30 });
    for (let n = 0; n < 30; n++) expect((await slack.invite()).status).toBe(200);
    expect(await slack.inviteJson()).toMatchObject({ ok: true });
  });
});

test.each([
  [{ error: 'no_such_code' }, 'error'],
  [{ error: 'constructor' }, 'error'],
  [{ status: 99 }, 'status'],
  [{ status: '500' }, 'status'],
  [{ status: 429, retry_after: -1 }, 'retry_after'],
  [{ hang: false }, 'hang'],
  [{ drop: 'during' }, 'drop'],
  [{ delay_ms: 1.5 }, 'delay_ms'],
  [{ body: 5 }, 'body'],
  [{ error: 'not_paid', times: 0 }, 'times'],
  [{ error: 'not_paid', hang: true }, 'hang'],
  [{ drop: 'before', retry_after: 1 }, 'retry_after'],
  [{ crash: true }, 'crash'],
  [{ times: 1 }, '(body)'],
  [[], '(body)'],
])('the fault %j is refused by its field, and the one before stays', async (fault, field) => {
  await set({ error: 'not_paid' });
  const response = await fetch(`${slack.url}/sandbox/faults`, {
    method: 'POST',
    body: JSON.stringify(fault),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: 'invalid', field, allowed: expect.any(String) });
  expect(await slack.sandbox('faults')).toEqual({ fault: { error: 'not_paid' } });
});
