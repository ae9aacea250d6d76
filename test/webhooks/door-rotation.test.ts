import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { createDoor, type DeliveryResult } from '../../functions/webhooks/door.ts';
import { createSecrets } from '../../functions/webhooks/secrets.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { INVOCATION } from '../support/invocation.ts';
import { SAMPLES } from '../support/provider-samples.ts';
import { post } from '../support/verify-deliveries.ts';
import {
  ACCEPTED,
  createKnocking,
  type Knocking,
  sampleOf,
  sourceOf,
  UNAUTHORIZED,
} from './door.world.ts';

const samples = SAMPLES.map((sample) => [sample.name, sample] as const);
const MINUTE_MS = 60_000;
const statusOf = (result: DeliveryResult) => ('reply' in result ? result.reply.status : 503);

describe('a secret that was put in a moment ago', () => {
  let door: Knocking;
  beforeEach(() => {
    door = createKnocking();
  });

  test.each(samples)('is taken at once: %s', async (_, sample) => {
    door.of.mockResolvedValue({ signing: ['the-one-before'] });
    expect((await door.knock(sample)).reply.status).toBe(200);
    expect(door.renewed.mock.calls).toEqual([[sourceOf(sample)]]);
  });

  test.each(samples)('is taken where there was none: %s', async (_, sample) => {
    door.of.mockResolvedValue({ signing: [] });
    expect((await door.knock(sample)).reply.status).toBe(200);
  });

  test('is taken where it was one text with the other before', async () => {
    const okta = sampleOf('okta');
    door.of.mockResolvedValue({ signing: [`${okta.secret},b`] });
    door.renewed.mockResolvedValue({ signing: [okta.secret, 'b'] });
    expect((await door.knock(okta)).reply.status).toBe(200);
  });

  test('is not looked for where none could help', async () => {
    const bamboohr = sampleOf('bamboohr');
    const signature = 'x-bamboohr-signature';
    const headers = { ...bamboohr.delivery.headers };
    await door.knock(bamboohr, { headers: {} });
    await door.knock(bamboohr, { headers: { ...headers, [signature]: 'no signature' } });
    await door.knock(bamboohr, {}, bamboohr.at + 86_400);
    expect(door.renewed).not.toHaveBeenCalled();
  });

  test('does not make a stale delivery new', async () => {
    const bamboohr = sampleOf('bamboohr');
    door.of.mockResolvedValue({ signing: ['the-one-before'] });
    expect(await door.knock(bamboohr, {}, bamboohr.at + 86_400)).toEqual({
      reply: UNAUTHORIZED,
      refused: 'stale',
    });
  });

  test('might be what signed a delivery, which so is not refused while nobody can tell', async () => {
    const unavailable = ownError('webhook_secret_unavailable', { reason: 'Error' });
    door.of.mockResolvedValue({ signing: ['the-one-before'] });
    door.renewed.mockRejectedValue(unavailable);
    await expect(door.knock(sampleOf('okta'))).rejects.toBe(unavailable);
  });
});

test('a secret that cannot be read is no reason to refuse', async () => {
  const door = createKnocking();
  const unavailable = ownError('webhook_secret_unavailable', { reason: 'Error' });
  door.of.mockRejectedValue(unavailable);
  await expect(door.knock(sampleOf('okta'))).rejects.toBe(unavailable);
  expect(door.receive).not.toHaveBeenCalled();
});

describe('with the secrets that a function keeps', () => {
  let now: number;
  let text: string;
  let read: () => Promise<string>;
  let knock: (secret: string) => Promise<number>;
  beforeEach(() => {
    now = 1_000_000;
    text = '{"acme-hr":"first-secret-of-16-bytes"}';
    read = vi.fn(async () => text);
    const source: HrSource = { provider: 'personio', rules: [] };
    const door = createDoor({
      sources: new Map([['acme-hr', source]]),
      secrets: createSecrets(read, () => now),
      sandbox: { list: () => [] },
      receive: async () => ({ received: [ACCEPTED] }),
      now: () => now,
    });
    const signedWith = (secret: string): Delivery => post({ authorization: secret }, '{}');
    knock = async (secret) => statusOf(await door('acme-hr', signedWith(secret), INVOCATION));
  });

  test('a rotation is seen by the first delivery that it signs', async () => {
    expect(await knock('first-secret-of-16-bytes')).toBe(200);
    text = '{"acme-hr":["first-secret-of-16-bytes","second-secret-of-16-bytes"]}';
    now += MINUTE_MS;
    expect(await knock('second-secret-of-16-bytes')).toBe(200);
    expect(await knock('first-secret-of-16-bytes')).toBe(200);
    expect(read).toHaveBeenCalledTimes(2);
  });

  test('a secret that was taken out is believed for five minutes at most', async () => {
    await knock('first-secret-of-16-bytes');
    text = '{"acme-hr":"second-secret-of-16-bytes"}';
    now += 5 * MINUTE_MS - 1;
    expect(await knock('first-secret-of-16-bytes')).toBe(200);
    now += 1;
    expect(await knock('first-secret-of-16-bytes')).toBe(401);
  });

  test('forged deliveries have the secret read once a minute, and never believed', async () => {
    for (let second = 0; second < 300; second += 1) {
      expect(await knock(`guess-${second}`)).toBe(401);
      now += 1000;
    }
    expect(read).toHaveBeenCalledTimes(5);
  });

  test('the random text of a new secret lets nobody in', async () => {
    text = 'Zl9uYt4hGRmxq2';
    for (const secret of [
      text,
      '',
      'first-secret-of-16-bytes',
      'undefined',
      'null',
      '[object Object]',
    ]) {
      expect(await knock(secret)).toBe(401);
    }
  });
});
