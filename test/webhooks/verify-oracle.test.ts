import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { verify } from '../../functions/webhooks/verify.ts';
import { runs } from '../support/depth.ts';
import { post } from '../support/verify-deliveries.ts';
import { rowAuth } from '../support/verify-descriptions.ts';

// standardwebhooks is the reference implementation of Standard Webhooks, and asks the clock itself.

const NOW = 1769884920;
const AUTH = rowAuth('standard-webhooks');

beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 }));
afterEach(() => void vi.useRealTimers());

const secrets = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
const ids = fc.stringMatching(/^msg_[A-Za-z0-9]{1,30}$/);
const bodies = fc.json();

const ours = (secret: string, id: string, timestamp: number, signature: string, body: string) => {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
  };
  return verify(AUTH, [secret], post(headers, body), NOW * 1000) === 'verified';
};

const theirs = (secret: string, id: string, timestamp: number, signature: string, body: string) => {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
  };
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

test('what the reference implementation signs is verified', () => {
  fc.assert(
    fc.property(secrets, ids, bodies, (secret, id, body) => {
      const signature = new Webhook(secret).sign(id, new Date(NOW * 1000), body);
      expect(ours(secret, id, NOW, signature, body)).toBe(true);
    }),
  );
});

test('both say the same of any list of signatures, at any time, over any body', () => {
  const altered = fc.option(bodies, { nil: undefined });
  const decoys = fc.array(
    fc.oneof(
      fc
        .uint8Array({ minLength: 32, maxLength: 32 })
        .map((bytes) => `v1,${Buffer.from(bytes).toString('base64')}`),
      fc.constantFrom('v1a,AAAA', 'v2,AAAA'),
    ),
    { maxLength: 9 },
  );
  const offsets = fc.oneof(
    fc.integer({ min: -310, max: 310 }),
    fc.constantFrom(-301, -300, 300, 301),
  );
  fc.assert(
    fc.property(
      secrets,
      secrets,
      fc.boolean(),
      ids,
      bodies,
      altered,
      decoys,
      offsets,
      (secret, other, own, id, body, instead, list, offset) => {
        const timestamp = NOW + offset;
        const signer = new Webhook(own ? secret : other);
        const signature = signer.sign(id, new Date(timestamp * 1000), body);
        const header = [...list, signature].join(' ');
        const sent = instead ?? body;
        expect(ours(secret, id, timestamp, header, sent)).toBe(
          theirs(secret, id, timestamp, header, sent),
        );
      },
    ),
    runs(500),
  );
});
