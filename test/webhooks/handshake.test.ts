import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { handshake, installedProvider } from '../../functions/webhooks/door.ts';
import { PROVIDER_NAMES, PROVIDERS } from '../../functions/webhooks/providers.ts';
import { verify } from '../../functions/webhooks/verify.ts';
import { post } from './verify-deliveries.ts';

const get = (headers: Delivery['headers']): Delivery => ({
  method: 'GET',
  headers,
  body: Buffer.alloc(0),
});

describe('the challenge of Okta', () => {
  // The request of the vendor's support page.
  const challenge = get({
    authorization: 'my-shared-secret',
    'x-okta-verification-challenge': 'Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg',
  });
  const { auth } = installedProvider('okta');

  test('is verified by the header that every request carries', () => {
    expect(verify(auth, ['my-shared-secret'], challenge, 0)).toBe('verified');
    expect(verify(auth, ['another'], challenge, 0)).toBe('bad_credentials');
  });

  test('is answered in JSON', () => {
    expect(handshake(PROVIDERS.okta, challenge, true)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"verification":"Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg"}',
    });
  });

  test('is not answered before its sender is verified', () => {
    expect(handshake(PROVIDERS.okta, challenge, false)).toBeUndefined();
  });

  test('is none in a POST', () => {
    expect(handshake(PROVIDERS.okta, { ...challenge, method: 'POST' }, true)).toBeUndefined();
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['given twice', 'a,a'],
    ['with a space in it', 'a b'],
    ['not ASCII', 'ä'],
    ['endless', 'a'.repeat(513)],
  ])('%s is not answered', (_name, value) => {
    const headers = { ...challenge.headers, 'x-okta-verification-challenge': value };
    expect(handshake(PROVIDERS.okta, { ...challenge, headers }, true)).toBeUndefined();
  });
});

describe('the ping of HiBob', () => {
  test.each(['Ping test', '"Ping test"', '{"text":"Ping test"}', '{"text": "Ping test"}'])(
    '%s is answered, before a secret can be known and after',
    (body) => {
      const reply = { status: 200, headers: {}, body: '' };
      expect(handshake(PROVIDERS.hibob, post({}, body), false)).toEqual(reply);
      expect(handshake(PROVIDERS.hibob, post({}, body), true)).toEqual(reply);
    },
  );

  test.each([
    '',
    'Ping',
    'Ping test ',
    'ping test',
    '{"text":"Ping test","type":"employee.created"}',
  ])('is not "%s"', (body) => {
    expect(handshake(PROVIDERS.hibob, post({}, body), false)).toBeUndefined();
  });
});

test.each(PROVIDER_NAMES)('%s answers no event as a handshake', (name) => {
  const event = post({ 'x-okta-verification-challenge': 'x' }, '{"type":"employee.created"}');
  expect(handshake(PROVIDERS[name], event, false)).toBeUndefined();
  expect(handshake(PROVIDERS[name], event, true)).toBeUndefined();
});

const otherThanGet = PROVIDER_NAMES.filter((name) => PROVIDERS[name].handshake?.method !== 'GET');

test.each(otherThanGet)('%s has no GET', (name) => {
  expect(
    handshake(PROVIDERS[name], get({ 'x-okta-verification-challenge': 'x' }), true),
  ).toBeUndefined();
});

const handshakes = PROVIDER_NAMES.flatMap((name) => {
  const row = PROVIDERS[name].handshake;
  return row ? [{ name, row }] : [];
});

test.each(handshakes)('the handshake of $name is answered as its row says', ({ name, row }) => {
  if (row.method === 'GET') {
    const reply = handshake(PROVIDERS[name], get({ [row.header]: 'challenge-1' }), true);
    expect(reply?.body).toBe(JSON.stringify({ [row.key]: 'challenge-1' }));
    return;
  }
  for (const body of row.bodies) {
    expect(handshake(PROVIDERS[name], post({}, body), false)?.status).toBe(200);
  }
});
