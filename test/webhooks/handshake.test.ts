import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { createDoor, type Reply } from '../../functions/webhooks/door.ts';
import {
  PROVIDER_NAMES,
  PROVIDERS,
  type ProviderName,
} from '../../functions/webhooks/providers.ts';
import { verify } from '../../functions/webhooks/verify.ts';
import { INVOCATION } from '../support/invocation.ts';
import { signed } from '../support/signatures.ts';
import { SOURCES, signingSecret } from '../support/sources.ts';
import { post } from '../support/verify-deliveries.ts';
import { rowAuth } from '../support/verify-descriptions.ts';

const get = (headers: Delivery['headers']): Delivery => ({
  method: 'GET',
  headers,
  body: Buffer.alloc(0),
});

/**
 * @param isSigned whether the sender knows the source's secret.
 * @returns what the door answers by itself; undefined where it refuses the delivery, or takes it
 *   for one of events.
 */
const handshake = async (
  name: ProviderName,
  delivery: Delivery,
  isSigned: boolean,
): Promise<Reply | undefined> => {
  const secrets = { signing: [signingSecret(name)] };
  const door = createDoor({
    sources: new Map([[name, SOURCES[name]]]),
    secrets: { of: async () => secrets, renewed: async () => secrets },
    sandbox: { list: () => [] },
    receive: async () => ({ received: [] }),
  });
  const headers = { ...delivery.headers, ...(isSigned && signed(name, delivery.body)) };
  const result = await door(name, { ...delivery, headers }, INVOCATION);
  const isHandshake = Object.keys(result).join() === 'reply';
  return isHandshake && 'reply' in result ? result.reply : undefined;
};

describe('the challenge of Okta', () => {
  // The request of the vendor's support page.
  const challenge = get({
    authorization: 'my-shared-secret',
    'x-okta-verification-challenge': 'Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg',
  });
  const auth = rowAuth('okta');

  test('is verified by the header that every request carries', () => {
    expect(verify(auth, ['my-shared-secret'], challenge, 0)).toBe('verified');
    expect(verify(auth, ['another-secret-of-16'], challenge, 0)).toBe('bad_credentials');
  });

  test('is answered in JSON', async () => {
    expect(await handshake('okta', challenge, true)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"verification":"Me_rShK8JHsTnbyYrWXCEoMGbM_zsZ6k0hLPZ_Pg"}',
    });
  });

  test('is not answered before its sender is verified', async () => {
    expect(await handshake('okta', challenge, false)).toBeUndefined();
  });

  test('is none in a POST', async () => {
    expect(await handshake('okta', { ...challenge, method: 'POST' }, true)).toBeUndefined();
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['given twice', 'a,a'],
    ['with a space in it', 'a b'],
    ['not ASCII', 'ä'],
    ['endless', 'a'.repeat(513)],
  ])('%s is not answered', async (_name, value) => {
    const headers = { ...challenge.headers, 'x-okta-verification-challenge': value };
    expect(await handshake('okta', { ...challenge, headers }, true)).toBeUndefined();
  });
});

describe('the ping of HiBob', () => {
  test.each(['Ping test', '"Ping test"', '{"text":"Ping test"}', '{"text": "Ping test"}'])(
    '%s is answered, before a secret can be known and after',
    async (body) => {
      const reply = { status: 200, headers: {}, body: '' };
      expect(await handshake('hibob', post({}, body), false)).toEqual(reply);
      expect(await handshake('hibob', post({}, body), true)).toEqual(reply);
    },
  );

  test.each([
    '',
    'Ping',
    'Ping test ',
    'ping test',
    '{"text":"Ping test","type":"employee.created"}',
  ])('is not "%s"', async (body) => {
    expect(await handshake('hibob', post({}, body), false)).toBeUndefined();
    expect(await handshake('hibob', post({}, body), true)).toBeUndefined();
  });
});

test.each(PROVIDER_NAMES)('%s answers no event as a handshake', async (name) => {
  const event = post({ 'x-okta-verification-challenge': 'x' }, '{"type":"employee.created"}');
  expect(await handshake(name, event, false)).toBeUndefined();
  expect(await handshake(name, event, true)).toBeUndefined();
});

const otherThanGet = PROVIDER_NAMES.filter((name) => !('key' in (PROVIDERS[name].handshake ?? {})));

test.each(otherThanGet)('%s has no GET', async (name) => {
  const challenge = get({ 'x-okta-verification-challenge': 'x' });
  expect(await handshake(name, challenge, true)).toBeUndefined();
});

const handshakes = PROVIDER_NAMES.flatMap((name) => {
  const row = PROVIDERS[name].handshake;
  return row ? [{ name, row }] : [];
});

test.each(handshakes)(
  'the handshake of $name is answered as its row says',
  async ({ name, row }) => {
    if ('key' in row) {
      const reply = await handshake(name, get({ [row.header]: 'challenge-1' }), true);
      expect(reply?.body).toBe(JSON.stringify({ [row.key]: 'challenge-1' }));
      return;
    }
    if (!('bodies' in row)) expect.unreachable();
    for (const body of row.bodies) {
      expect((await handshake(name, post({}, body), false))?.status).toBe(200);
    }
  },
);
