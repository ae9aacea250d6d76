import { createHmac } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { createDoor, type DeliveryResult } from '../../functions/webhooks/door.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import { createSandbox } from '../../functions/webhooks/expression.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { INVOCATION } from '../support/invocation.ts';
import { post } from '../support/verify-deliveries.ts';
import { ACCEPTED, UNAUTHORIZED } from './door.world.ts';

const SECRET = 'the-secret-of-this-source';

let received: WebhookEvent[];
beforeEach(() => {
  received = [];
});

/** The door of one source whose operator describes its sender. */
const createSourceDoor = (source: Partial<HrSource>, secret = SECRET) => {
  const secrets = vi.fn(async () => ({ signing: [secret] }));
  const door = createDoor({
    sources: new Map([['acme', { provider: 'generic', rules: [], ...source }]]),
    secrets: { of: secrets, renewed: secrets },
    sandbox: createSandbox(),
    receive: async (_source, events) => {
      received.push(...events);
      return { received: events.map(() => ACCEPTED) };
    },
    now: () => 1_769_884_920_000,
  });
  const knock = (delivery: Delivery): Promise<DeliveryResult> => door('acme', delivery, INVOCATION);
  return { knock, secrets };
};

const payloads = () => received.map(({ payload }) => payload);
const replyOf = async (result: Promise<DeliveryResult>) => {
  const end = await result;
  return 'reply' in end ? end.reply : undefined;
};
const get = (query: Record<string, string>, headers = {}): Delivery => ({
  ...post(headers, ''),
  method: 'GET',
  query,
});

describe('a body that its sender compressed', () => {
  const AUTH: HrSource['auth'] = {
    hmac: { hash: 'sha256', header: 'x-signature', encoding: 'hex', key: 'utf8', signed: ['body'] },
  };
  const plain = Buffer.from('{"event":"joined"}');
  const sign = (body: Buffer) => createHmac('sha256', SECRET).update(body).digest('hex');
  const compressed = (body: Buffer, signature: string, encoding = 'gzip') =>
    post({ 'x-signature': signature, 'content-encoding': encoding }, body);

  test.each(['gzip', 'GZIP', 'x-gzip'])(
    'by %s is read, whichever of the two was signed',
    async (encoding) => {
      const { knock } = createSourceDoor({ auth: AUTH });
      const body = gzipSync(plain);
      for (const signed of [body, plain]) {
        expect((await replyOf(knock(compressed(body, sign(signed), encoding))))?.status).toBe(200);
      }
      expect(payloads()).toEqual([{ event: 'joined' }, { event: 'joined' }]);
    },
  );

  test.each(['', 'identity', 'UTF-8', 'utf8'])(
    'is not one where the encoding says %j',
    async (encoding) => {
      const { knock } = createSourceDoor({ auth: AUTH });
      expect((await replyOf(knock(compressed(plain, sign(plain), encoding))))?.status).toBe(200);
      expect(payloads()).toEqual([{ event: 'joined' }]);
    },
  );

  test('is not believed where neither was signed', async () => {
    const { knock } = createSourceDoor({ auth: AUTH });
    const forged = compressed(gzipSync(plain), sign(Buffer.from('other')));
    expect(await knock(forged)).toEqual({ reply: UNAUTHORIZED, refused: 'bad_signature' });
    const broken = compressed(plain, sign(Buffer.from('other')));
    expect(await knock(broken)).toEqual({ reply: UNAUTHORIZED, refused: 'bad_signature' });
  });

  test.each([
    ['cut off', gzipSync(plain).subarray(0, -4), 'gzip', 400, 'invalid_gzip'],
    ['not compressed at all', plain, 'gzip', 400, 'invalid_gzip'],
    ['compressed in another way', deflateSync(plain), 'deflate', 415, 'unsupported_encoding'],
    [
      '7 MB when it is whole',
      gzipSync(Buffer.alloc(7 * 1024 ** 2, ' ')),
      'gzip',
      413,
      'body_too_large',
    ],
  ])(
    'and that is %s is refused, once it is believed',
    async (_name, body, encoding, status, code) => {
      const { knock } = createSourceDoor({ auth: AUTH });
      const result = await knock(compressed(body, sign(body), encoding));
      expect(result).toMatchObject({ reply: { status }, refused: code });
      expect(received).toEqual([]);
    },
  );

  test('that says it is as it was is', async () => {
    const { knock } = createSourceDoor({ auth: AUTH });
    await knock(compressed(plain, sign(plain), 'identity'));
    expect(payloads()).toEqual([{ event: 'joined' }]);
  });
});

describe('a secret that stands in the events', () => {
  const source = { auth: { body: 'value.clientState' }, events: 'value' };
  const item = (clientState: unknown, id: string) => ({ clientState, resourceData: { id } });
  const notice = (...value: unknown[]) => post({}, JSON.stringify({ value }));

  test('makes those genuine that have it, and the others are told of', async () => {
    const { knock } = createSourceDoor(source);
    const result = await knock(notice(item(SECRET, '1'), item('other', '2'), item(SECRET, '3')));
    expect(result).toMatchObject({ reply: { status: 200 }, foreign: 1 });
    expect(payloads()).toEqual([{ value: item(SECRET, '1') }, { value: item(SECRET, '3') }]);
  });

  test.each([
    ['another one', notice(item('another-secret-of-this', '1'))],
    ['none', notice(item(undefined, '1'))],
    ['a list of it', notice(item([SECRET], '1'))],
    ['a part of it', notice(item(SECRET.slice(1), '1'))],
    ['no events', notice()],
    ['no body', post({}, '')],
    ['a body that is no JSON', post({}, '{')],
    [
      'a body that is compressed',
      post({ 'content-encoding': 'gzip' }, gzipSync(notice(item(SECRET, '1')).body)),
    ],
    ['the secret in a header', post({ authorization: SECRET }, '{}')],
    [
      'more than anybody sends',
      post({}, JSON.stringify({ value: [item(SECRET, '1')], x: 'x'.repeat(512 * 1024) })),
    ],
  ])('is not believed of a delivery with %s', async (_name, delivery) => {
    const { knock } = createSourceDoor(source);
    expect(await replyOf(knock(delivery))).toEqual(UNAUTHORIZED);
    expect(received).toEqual([]);
  });

  test('is read anew for events that no known one is in', async () => {
    const { knock, secrets } = createSourceDoor(source);
    secrets.mockResolvedValueOnce({ signing: ['a-former-secret-of-it'] });
    expect((await replyOf(knock(notice(item(SECRET, '1')))))?.status).toBe(200);
    expect(secrets).toHaveBeenCalledTimes(2);
  });

  test('is none if it is short', async () => {
    const { knock } = createSourceDoor(source, 'short');
    expect(await knock(notice(item('short', '1')))).toMatchObject({ refused: 'short_secret' });
  });
});

describe('the age of events', () => {
  const NOW_S = 1_769_884_920;
  const DAY_S = 86_400;
  const source = {
    auth: { basic: true as const },
    events: 'people',
    time: 'people.at',
    maxAge: DAY_S,
  };
  const authorization = `Basic ${Buffer.from(`hr:${SECRET}`).toString('base64')}`;
  const knockWith = (own: Partial<HrSource>, ...people: object[]) => {
    const { knock } = createSourceDoor({ ...source, ...own }, `hr:${SECRET}`);
    return knock(post({ authorization }, JSON.stringify({ people })));
  };
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

  test.each<[string, unknown]>([
    ['now', iso(NOW_S)],
    ['a day ago', iso(NOW_S - DAY_S)],
    ['a day ago, by a clock that is 5 minutes slow', iso(NOW_S - DAY_S - 300)],
    ['a day ahead, by a clock that is wrong', iso(NOW_S + DAY_S)],
    ['in seconds', NOW_S - 3600],
    ['in seconds, as a text', String(NOW_S - 3600)],
    ['in milliseconds', (NOW_S - 3600) * 1000],
    ['in another zone', '2026-02-01T03:42:00+09:00'],
    ['in another zone, without a colon', '2026-01-31T10:42:00.123-0800'],
    ['without a zone', '2026-01-31T18:00:00'],
    ['with a blank', '2026-01-31 18:00:00 UTC'],
    ['to the minute', '2026-01-31T18:00Z'],
    ['as a day', '2026-01-31'],
  ])('that happened %s is none to refuse', async (_name, at) => {
    expect(await knockWith({}, { at })).toMatchObject({ reply: { status: 200 } });
    expect(received).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ['more than a day ago', iso(NOW_S - DAY_S - 301)],
    ['years ago', '2016-01-31T18:42:00Z'],
    ['so far ahead that it would be replayed for years', iso(NOW_S + DAY_S + 301)],
    ['on a day that there is not', '2026-02-31T25:00:00Z'],
    ['at a time that cannot be read', 'yesterday'],
    ['at no time', null],
    ['at an empty time', ' '],
    ['at a list of times', [iso(NOW_S)]],
  ])('that happened %s is refused', async (_name, at) => {
    const result = await knockWith({}, { at });
    expect(result).toMatchObject({
      failure: { name: 'NotAllowed', status: 403, facts: { code: 'event_too_old' } },
      unfinished: 0,
      tooOld: 1,
    });
    expect(received).toEqual([]);
  });

  test('is that of each: the others of a delivery are taken', async () => {
    const at = iso(NOW_S - 10 * DAY_S);
    const result = await knockWith({}, { at }, { at: iso(NOW_S), id: 'young' }, { at });
    expect(result).toMatchObject({ reply: { status: 200 }, tooOld: 2 });
    expect(payloads()).toEqual([{ people: { at: iso(NOW_S), id: 'young' } }]);
  });

  test('is nobody’s business unless the source limits it', async () => {
    const { maxAge: _, ...unlimited } = source;
    const { knock } = createSourceDoor(unlimited, `hr:${SECRET}`);
    const body = JSON.stringify({ people: [{ at: '2016-01-31' }, {}] });
    expect(await knock(post({ authorization }, body))).not.toHaveProperty('tooOld');
    expect(received).toHaveLength(2);
  });

  test('is that of the signature, where the event has none', async () => {
    const hmac = {
      hash: 'sha256',
      header: 'x-signature',
      encoding: 'hex',
      key: 'utf8',
      signed: [{ header: 'x-time' }, 'body'],
      timestamp: { header: 'x-time', format: 'milliseconds' },
    } as const;
    const { knock } = createSourceDoor({ auth: { hmac }, maxAge: DAY_S });
    const signedAt = (seconds: number) => {
      const time = String(seconds * 1000);
      const signature = createHmac('sha256', SECRET).update(`${time}{}`).digest('hex');
      return post({ 'x-time': time, 'x-signature': signature }, '{}');
    };
    expect(await knock(signedAt(NOW_S - DAY_S))).toMatchObject({ reply: { status: 200 } });
    expect(await knock(signedAt(NOW_S - 2 * DAY_S))).toMatchObject({ tooOld: 1 });
  });
});

describe('the handshake of a source of one’s own', () => {
  const auth: HrSource['auth'] = { header: { name: 'x-token' } };
  const proved = { 'x-token': SECRET };

  describe('by a parameter of the address', () => {
    // The token of the vendor's page has blanks and colons.
    const token =
      'Validation: Testing client application reachability for subscription Request-Id: 1';

    test.each(['GET', 'POST'] as const)('is answered as text, unsigned: %s', async (method) => {
      const { knock, secrets } = createSourceDoor({
        auth,
        handshake: { query: 'validationToken' },
      });
      const delivery = { ...get({ validationToken: token }), method };
      expect(await replyOf(knock(delivery))).toEqual({
        status: 200,
        headers: {
          'content-type': 'text/plain; charset=utf-8',
          'x-content-type-options': 'nosniff',
        },
        body: token,
      });
      expect(secrets).not.toHaveBeenCalled();
    });

    test.each([
      {},
      { validationToken: '' },
      { validationToken: 'a\nb' },
      { validationToken: 'ä' },
      { other: 'x' },
      { validationToken: 'x'.repeat(2049) },
    ])('is none with %j', async (query) => {
      const { knock } = createSourceDoor({ auth, handshake: { query: 'validationToken' } });
      expect(await replyOf(knock({ ...post({}, '{}'), query }))).toEqual(UNAUTHORIZED);
    });
  });

  describe('by a header that comes back', () => {
    const source: Partial<HrSource> = { auth, handshake: { echo: 'x-hook-secret' } };
    const greeting = { 'x-hook-secret': 'b537207f20cbfa02357cf448134da559' };

    test.each(['', '{}', ' {} '])('is answered, unsigned, with the body %j', async (body) => {
      const { knock } = createSourceDoor(source);
      expect(await replyOf(knock(post(greeting, body)))).toEqual({
        status: 200,
        headers: greeting,
        body: '',
      });
    });

    test('is none in an event, which goes its way', async () => {
      const { knock } = createSourceDoor(source);
      await knock(post({ ...greeting, ...proved }, '{"event":"joined"}'));
      expect(payloads()).toEqual([{ event: 'joined' }]);
    });

    test.each(['a\r\nb', 'a b', 'ä', 'x'.repeat(513)])(
      'is none with the value %j',
      async (value) => {
        const { knock } = createSourceDoor(source);
        expect(await replyOf(knock(post({ 'x-hook-secret': value }, '')))).toEqual(UNAUTHORIZED);
      },
    );
  });

  describe('by the body', () => {
    const source: Partial<HrSource> = { auth, handshake: { body: 'challenge' } };
    const challenge = '{"type":"url_verification","challenge":"3eZbrw1aB10"}';

    test('is answered in JSON to who knows the secret', async () => {
      const { knock } = createSourceDoor(source);
      expect(await replyOf(knock(post(proved, challenge)))).toEqual({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"challenge":"3eZbrw1aB10"}',
      });
      expect(await replyOf(knock(post({}, challenge)))).toEqual(UNAUTHORIZED);
      expect(received).toEqual([]);
    });

    test('is none where there is no challenge: that is an event', async () => {
      const { knock } = createSourceDoor(source);
      await knock(post(proved, '{"event":"joined"}'));
      expect(payloads()).toEqual([{ event: 'joined' }]);
    });
  });

  test('by a GET whose header comes back in JSON is answered to who knows the secret', async () => {
    const handshake = { header: 'x-challenge', key: 'answer' };
    const { knock } = createSourceDoor({ auth, handshake });
    const delivery = get({}, { ...proved, 'x-challenge': 'c-1' });
    expect((await replyOf(knock(delivery)))?.body).toBe('{"answer":"c-1"}');
    expect(await replyOf(knock(get({}, { 'x-challenge': 'c-1' })))).toEqual(UNAUTHORIZED);
  });
});

test('a list of more than a thousand events is taken as a whole', async () => {
  const { knock } = createSourceDoor({ auth: { basic: true } }, 'user:a-long-password');
  const authorization = `Basic ${Buffer.from('user:a-long-password').toString('base64')}`;
  const body = JSON.stringify(Array.from({ length: 5000 }, (_, n) => ({ n })));
  expect((await replyOf(knock(post({ authorization }, body))))?.status).toBe(200);
  expect(received).toHaveLength(5000);
});

test('Okta may send its secret in another header', async () => {
  const challenge = { 'x-okta-verification-challenge': 'c-1' };
  const auth = { header: { name: 'x-okta-secret' } };
  const { knock } = createSourceDoor({ provider: 'okta', auth });
  const answered = await replyOf(knock(get({}, { 'x-okta-secret': SECRET, ...challenge })));
  expect(answered?.body).toBe('{"verification":"c-1"}');
  expect(await replyOf(knock(get({}, { authorization: SECRET, ...challenge })))).toEqual(
    UNAUTHORIZED,
  );
});
