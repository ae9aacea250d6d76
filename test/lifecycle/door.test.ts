import { createHmac } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { createEventDoor, SLACK } from '../../functions/lifecycle/door.ts';
import { createSecrets, onlySender } from '../../functions/webhooks/secrets.ts';
import { INVOCATION } from '../support/invocation.ts';
import { accepted, envelope } from './slack-story.ts';

const NOW = 1_900_000_000;
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const INVITATION = { id: 'I0ONE', channel: 'C0PARTNER01', email: 'a@b.example', createdAt: NOW };
const EVENT = JSON.stringify(accepted(INVITATION, NOW));

const sign = (body: string, timestamp: number, secret = SECRET) =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

/** Knocks at a door whose secret holds this text. */
const knock = async (
  body: string,
  { headers = {}, secret = SECRET, timestamp = NOW, signed = SECRET } = {},
) => {
  const follow = vi.fn(async () => 'changed' as const);
  const secrets = createSecrets(async () => onlySender(secret, SLACK));
  const door = createEventDoor({ secrets, follow, now: () => NOW * 1000 });
  const given = {
    'x-slack-request-timestamp': String(timestamp),
    'x-slack-signature': sign(body, timestamp, signed),
    ...headers,
  };
  const delivery = { method: 'POST' as const, headers: given, body: Buffer.from(body) };
  return { result: await door(delivery, INVOCATION), follow };
};

/** Slack's own example. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
test("Slack's own example of a signature verifies", async () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
  expect(sign(body, 1_531_420_618)).toBe(signature);
  const secrets = createSecrets(async () => onlySender(SECRET, SLACK));
  const follow = vi.fn();
  const door = createEventDoor({ secrets, follow, now: () => 1_531_420_618_000 });
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': signature,
  };
  // It is genuine, and no JSON.
  expect(await door({ method: 'POST', headers, body: Buffer.from(body) }, INVOCATION)).toEqual({
    refused: 'invalid_json',
    status: 400,
  });
});

describe('a genuine delivery', () => {
  test('is read and followed', async () => {
    const { result, follow } = await knock(EVENT);
    expect(result).toMatchObject({ followed: 'changed' });
    expect(follow).toHaveBeenCalledTimes(1);
  });

  test('of url_verification is answered with its challenge', async () => {
    const { result, follow } = await knock(
      JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aB', token: 'x' }),
    );
    expect(result).toEqual({ challenge: '3eZbrw1aB' });
    expect(follow).not.toHaveBeenCalled();
  });

  test.each([
    ['of an unknown type', envelope({ type: 'message', text: 'hi' }, NOW), 'other'],
    ['that lacks what it needs', envelope({ type: 'channel_shared' }, NOW), 'channel_shared'],
    ['of a type like a member of every object', envelope({ type: 'constructor' }, NOW), 'other'],
    ['that is no event at all', { type: 'something' }, 'other'],
  ])('%s is ignored', async (_what, body, ignored) => {
    const { result, follow } = await knock(JSON.stringify(body));
    expect(result).toEqual({ ignored });
    expect(follow).not.toHaveBeenCalled();
  });

  test('may be signed with any one of several secrets, while one is rotated', async () => {
    const other = 'another-signing-secret-of-32-byte';
    const secret = JSON.stringify([other, SECRET]);
    expect((await knock(EVENT, { secret })).result).toMatchObject({ followed: 'changed' });
    const signed = other;
    expect((await knock(EVENT, { secret, signed })).result).toMatchObject({ followed: 'changed' });
  });

  test.each([
    ['bare', SECRET],
    ['with a line break', `${SECRET}\n`],
    ['as JSON text', JSON.stringify(SECRET)],
    ['as JSON with signing', JSON.stringify({ signing: SECRET })],
  ])('is believed where the secret is %s', async (_how, secret) => {
    expect((await knock(EVENT, { secret })).result).toMatchObject({ followed: 'changed' });
  });
});

describe('nothing is followed, and the answer is 401, where', () => {
  test.each([
    [
      'another secret has signed it',
      { signed: 'another-signing-secret-of-32-byte' },
      'bad_signature',
    ],
    ['it is 301 s old', { timestamp: NOW - 301 }, 'stale'],
    ['it is 301 s ahead', { timestamp: NOW + 301 }, 'stale'],
    ['it has no signature', { headers: { 'x-slack-signature': '' } }, 'missing_header'],
    ['it has no timestamp', { headers: { 'x-slack-request-timestamp': '' } }, 'missing_header'],
    [
      'the signature has no version',
      { headers: { 'x-slack-signature': 'ab' } },
      'malformed_signature',
    ],
    ['there is no secret yet', { secret: '{"password":"random"}' }, 'no_secret'],
  ])('%s', async (_what, how, reason) => {
    const { result, follow } = await knock(EVENT, how);
    expect(result).toEqual({ refused: reason, status: 401 });
    expect(follow).not.toHaveBeenCalled();
  });

  test.each([
    ['no JSON', '{'],
    ['empty', ''],
    ['a challenge', '{"type":"url_verification","challenge":"x"}'],
    ['deep', '['.repeat(100_000)],
    ['large', 'x'.repeat(6 * 1024 * 1024 + 1)],
  ])('it is not signed, and its body is %s', async (_what, body) => {
    const { result, follow } = await knock(body, { signed: 'another-signing-secret-of-32-byte' });
    expect(result).toMatchObject({ status: 401 });
    expect(follow).not.toHaveBeenCalled();
  });
});

test('an event at the edge of five minutes is believed', async () => {
  for (const timestamp of [NOW - 300, NOW + 300]) {
    expect((await knock(EVENT, { timestamp })).result).toMatchObject({ followed: 'changed' });
  }
});
