import { beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { PROVIDER_NAMES, PROVIDERS } from '../../functions/webhooks/providers.ts';
import { post } from '../support/verify-deliveries.ts';
import { createKnocking, type Knocking, sampleOf, UNAUTHORIZED } from './door.world.ts';

let door: Knocking;
beforeEach(() => {
  door = createKnocking();
});

const get = (headers: Delivery['headers']): Delivery => ({
  method: 'GET',
  headers,
  body: Buffer.alloc(0),
});
const OK = { status: 200, headers: {}, body: '' };
const NO_HANDSHAKE = { status: 405, body: '{"message":"Method Not Allowed"}' };
const CHALLENGE = { 'x-okta-verification-challenge': 'Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg' };

/** The providers that do not make sure of the address in this way. */
const without = (method: 'GET' | 'POST') =>
  PROVIDER_NAMES.filter(
    (name) => !((method === 'GET' ? 'key' : 'bodies') in (PROVIDERS[name].handshake ?? {})),
  );

describe('the challenge of Okta', () => {
  const okta = sampleOf('okta');
  const authorization = okta.secret;

  test('is answered to who knows the secret, and nothing is received', async () => {
    const outcome = await door.knock(okta, get({ authorization, ...CHALLENGE }));
    expect(outcome).toEqual({
      reply: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"verification":"Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg"}',
      },
    });
    expect(door.receive).not.toHaveBeenCalled();
  });

  test.each([
    ['no secret', {}],
    ['another secret', { authorization: 'another' }],
    ['an empty secret', { authorization: '' }],
  ])('is not answered to somebody with %s', async (_, headers) => {
    const { reply } = await door.knock(okta, get({ ...headers, ...CHALLENGE }));
    expect(reply).toEqual(UNAUTHORIZED);
  });

  test.each([
    ['missing', {}],
    ['empty', { 'x-okta-verification-challenge': '' }],
    ['given twice', { 'x-okta-verification-challenge': 'a,a' }],
    ['no challenge', { 'x-okta-verification-challenge': '<script> x' }],
  ])('that is %s leaves a GET that is no handshake', async (_, headers) => {
    const { reply, refused } = await door.knock(okta, get({ authorization, ...headers }));
    expect(reply).toMatchObject(NO_HANDSHAKE);
    expect(refused).toBe('not_a_handshake');
  });

  test('does not make a handshake of an event', async () => {
    const headers = { ...okta.delivery.headers, ...CHALLENGE };
    const { reply, received } = await door.knock(okta, { headers });
    expect(reply).toEqual(OK);
    expect(received).toHaveLength(2);
  });
});

describe('the ping of HiBob', () => {
  const hibob = sampleOf('hibob');

  test.each(['Ping test', '"Ping test"', '{"text":"Ping test"}', '{"text": "Ping test"}'])(
    'is answered before there is a secret: %s',
    async (body) => {
      door.of.mockRejectedValue(new Error('there is no secret yet'));
      const outcome = await door.knock(hibob, post({}, body));
      expect(outcome).toEqual({ reply: OK });
      expect(door.of).not.toHaveBeenCalled();
      expect(door.receive).not.toHaveBeenCalled();
    },
  );

  test('of another spelling is an event that nobody has signed', async () => {
    const { reply } = await door.knock(hibob, post({}, '{"text":"Ping test","sent":1}'));
    expect(reply).toEqual(UNAUTHORIZED);
  });

  test('of another spelling is no event when it is signed', async () => {
    // printf '%s' '{"text":"Ping test","sent":1}' | openssl dgst -sha512 -hmac hibob-webhook-secret -binary | openssl base64 -A
    const signature =
      'KMX7R/EOuzqCDOuSGwdLfE4JCyoWW8AYLYq2hvF9gCif7dmwOZ7TkgKrL2xJOTBLUcIe24YT3X3QgUFUdj6g6w==';
    const ping = post({ 'bob-signature': signature }, '{"text":"Ping test","sent":1}');
    expect(await door.knock(hibob, ping)).toEqual({ reply: OK, received: [] });
  });

  test('is none as a GET', async () => {
    const ping = { ...post({}, 'Ping test'), method: 'GET' as const };
    expect((await door.knock(hibob, ping)).reply).toEqual(UNAUTHORIZED);
  });

  test.each(without('POST'))('is none at %s, unsigned', async (provider) => {
    const { reply } = await door.knock(sampleOf(provider), post({}, 'Ping test'));
    expect(reply).toEqual(UNAUTHORIZED);
  });
});

describe.each(PROVIDER_NAMES)('a GET at %s', (provider) => {
  const sample = sampleOf(provider);

  test('that nobody has signed is refused like anything else', async () => {
    expect((await door.knock(sample, get({}))).reply).toEqual(UNAUTHORIZED);
    expect((await door.knock(sample, get(CHALLENGE))).reply).toEqual(UNAUTHORIZED);
  });
});

test.each(without('GET'))(
  'a GET that is signed is answered with 405, its challenge never: %s',
  async (provider) => {
    const sample = sampleOf(provider);
    const headers = { ...sample.delivery.headers, ...CHALLENGE };
    const { reply } = await door.knock(sample, { method: 'GET', headers });
    expect(reply).toMatchObject(NO_HANDSHAKE);
    expect(door.receive).not.toHaveBeenCalled();
  },
);
