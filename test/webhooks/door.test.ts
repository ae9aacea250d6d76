import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../functions/webhooks/delivery.ts';
import { SAMPLES, type Sample } from '../support/provider-samples.ts';
import { post } from '../support/verify-deliveries.ts';
import { createKnocking, type Knocking, sampleOf, sourceOf, UNAUTHORIZED } from './door.world.ts';

const samples = SAMPLES.map((sample) => [sample.name, sample] as const);

let door: Knocking;
beforeEach(() => {
  door = createKnocking();
});

describe('a source that is not configured', () => {
  test.each(['nobody', '', '__proto__', 'constructor', 'toString', 'source-0 ', 'SOURCE-0'])(
    'is answered as a bad signature is, and no secret is read for it: "%s"',
    async (name) => {
      const { delivery, at } = sampleOf('okta');
      expect(await door.deliver(name, delivery, at)).toEqual({
        reply: UNAUTHORIZED,
        refused: 'unknown_source',
      });
      expect(door.of).not.toHaveBeenCalled();
      expect(door.renewed).not.toHaveBeenCalled();
    },
  );

  test('is no other than one that is, where a delivery is too large', async () => {
    const tooLarge = post({}, Buffer.alloc(MAX_BODY_BYTES + 1));
    const { reply } = await door.deliver('nobody', tooLarge);
    expect(reply).toEqual((await door.knock(sampleOf('okta'), tooLarge)).reply);
  });
});

describe('a delivery that is too large', () => {
  test.each(samples)(
    'is refused before anything else of it is looked at: %s',
    async (_, sample) => {
      const body = Buffer.alloc(MAX_BODY_BYTES + 1, '[');
      expect(await door.knock(sample, { body })).toEqual({
        reply: {
          status: 413,
          headers: { 'content-type': 'application/json' },
          body: '{"message":"Content Too Large"}',
        },
        refused: 'body_too_large',
      });
      expect(door.of).not.toHaveBeenCalled();
    },
  );

  test('is so beyond what Lambda hands over', async () => {
    const okta = sampleOf('okta');
    const body = (bytes: number) => Buffer.from('{}'.padEnd(bytes));
    expect((await door.knock(okta, { body: body(6 * 1024 ** 2) })).reply.status).toBe(200);
    expect((await door.knock(okta, { body: body(6 * 1024 ** 2 + 1) })).reply.status).toBe(413);
  });
});

describe.each(samples)('a genuine delivery: %s', (_name, sample: Sample) => {
  test('is answered with an empty 200, and its events are received', async () => {
    const { reply, received, refused } = await door.knock(sample);
    expect(reply).toEqual({ status: 200, headers: {}, body: '' });
    expect(refused).toBeUndefined();
    expect(received).toHaveLength(sample.events.length);
    const [name] = new Set(door.receive.mock.calls.map(([source]) => source));
    expect(name).toBe(sourceOf(sample));
    const ids = door.receive.mock.calls.map(([, , { id, identity }]) => ({ id, identity }));
    expect(ids).toEqual(sample.events.map(({ id, identity }) => ({ id, identity })));
  });

  test('reads the secrets of its own source, once', async () => {
    await door.knock(sample);
    expect(door.of.mock.calls).toEqual([[sourceOf(sample)]]);
    expect(door.renewed).not.toHaveBeenCalled();
  });

  test('is no request of the provider as a GET', async () => {
    const { headers } = sample.delivery;
    const outcome = await door.knock(sample, { method: 'GET', headers });
    expect(outcome).toEqual({
      reply: {
        status: 405,
        headers: { 'content-type': 'application/json', allow: 'POST' },
        body: '{"message":"Method Not Allowed"}',
      },
      refused: 'not_a_handshake',
    });
    expect(door.receive).not.toHaveBeenCalled();
  });

  test('is not believed at another source', async () => {
    for (const other of SAMPLES.filter(({ secret }) => secret !== sample.secret)) {
      const { reply } = await door.deliver(sourceOf(other), sample.delivery, sample.at);
      expect(reply).toEqual(UNAUTHORIZED);
    }
    expect(door.receive).not.toHaveBeenCalled();
  });
});

describe('what comes to no events', () => {
  // Each signed by: printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -hex, Deel's over POST and the body
  test.each([
    [
      'the ping of Greenhouse',
      'greenhouse',
      { signature: 'sha256 9e616f4ad6776c2ac97aec5327e425fe52f719d67348adb16221557e7af91dd3' },
      '{"action":"ping"}',
    ],
    [
      'the ping of Ashby',
      'ashby',
      {
        'ashby-signature':
          'sha256=f1d264a4ccae649feef39c40c04dfedb6bf3e5aa9b3fccc0ed5ec5a782d8ada0',
      },
      '{"action":"ping","webhookActionId":"x"}',
    ],
    [
      'a simulation of Deel',
      'deel',
      { 'x-deel-signature': '77ee99e6a188162e6a31b0de432fee77fcaf1672468e33203d306de6acaa0f48' },
      '{"data":{"meta":{"event_type":"employee.created.contractor","event_id":"e1","is_simulation":true},"resource":{"id":"r1"}}}',
    ],
    ['an empty list of Okta', 'okta', sampleOf('okta').delivery.headers, '{"data":{"events":[]}}'],
  ] as const)('is answered with 200: %s', async (_, provider, headers, body) => {
    const outcome = await door.knock(sampleOf(provider), { headers, body: Buffer.from(body) });
    expect(outcome).toEqual({ reply: { status: 200, headers: {}, body: '' }, received: [] });
    expect(door.receive).not.toHaveBeenCalled();
  });

  test.each(['greenhouse', 'ashby', 'deel'] as const)(
    'is not believed unsigned: %s',
    async (one) => {
      const { reply } = await door.knock(sampleOf(one), { body: Buffer.from('{"action":"ping"}') });
      expect(reply).toEqual(UNAUTHORIZED);
    },
  );
});

describe('a verified delivery that cannot be read', () => {
  test.each([
    ['invalid_utf8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['invalid_json', '{"data": not-to-be-told'],
    ['invalid_json', ''],
    ['too_deep', '['.repeat(65)],
    ['not_an_object', '"not-to-be-told"'],
  ])('is answered with 400 and why: %s', async (code, body) => {
    const outcome = await door.knock(sampleOf('okta'), { body: Buffer.from(body) });
    expect(outcome).toEqual({
      reply: {
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: code }),
      },
      refused: code,
    });
    expect(door.receive).not.toHaveBeenCalled();
  });
});
