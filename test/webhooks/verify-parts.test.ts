import { describe, expect, test } from 'vitest';
import { type DeliveryAuth, verify } from '../../functions/webhooks/verify.ts';
import { post } from '../support/verify-deliveries.ts';

// One header that has the time and the signatures, as WorkOS, Persona and others send it:
//   printf '%s' '1769884920.{"a":1}' | openssl dgst -sha256 -hmac 'wh-secret-of-workos' -hex
const SECRET = 'wh-secret-of-workos';
const SIGNATURE = 'ede8888c57e81fad9f0c569511e7f04f85fefd437f2f624143d01a2364901601';
const AT = 1769884920_000;

const hmac = {
  hash: 'sha256',
  header: 'workos-signature',
  prefix: 'v1=',
  separator: ',',
  encoding: 'hex',
  key: 'utf8',
  signed: [{ header: 'workos-signature', part: 't' }, { text: '.' }, 'body'],
  timestamp: { header: 'workos-signature', part: 't', format: 'seconds', toleranceSeconds: 300 },
} as const;
const auth: DeliveryAuth = { hmac };

const result = (header: string, now = AT, body = '{"a":1}') =>
  verify(auth, [SECRET], post({ 'workos-signature': header }, body), now);

describe('a header of several parts', () => {
  test.each([
    `t=1769884920,v1=${SIGNATURE}`,
    `t=1769884920, v1=${SIGNATURE}`,
    `v1=${SIGNATURE},t=1769884920`,
    `t=1769884920,v0=00,v1=${SIGNATURE}`,
    `t=1769884920,v1=${'0'.repeat(64)},v1=${SIGNATURE}`,
    // While the secret is rotated, Persona sends a set for each.
    `t=1769884920,v1=${'0'.repeat(64)} t=1769884920,v1=${SIGNATURE}`,
    `t=1769884920;x=1,v1=${SIGNATURE}`,
  ])('is verified: %s', (header) => {
    expect(result(header)).toBe('verified');
  });

  test.each([
    ['another time', `t=1769884921,v1=${SIGNATURE}`, 'bad_signature'],
    ['no time', `v1=${SIGNATURE}`, 'missing_header'],
    ['an empty time', `t=,v1=${SIGNATURE}`, 'missing_header'],
    ['no signature', 't=1769884920', 'malformed_signature'],
    ['a signature of another version', `t=1769884920,v0=${SIGNATURE}`, 'malformed_signature'],
    [
      'more signatures than anybody sends',
      `t=1769884920,${`v1=${SIGNATURE},`.repeat(20)}`,
      'too_many_signatures',
    ],
  ])('with %s is refused', (_name, header, refusal) => {
    expect(result(header)).toBe(refusal);
  });

  test('is refused when its time is over', () => {
    const header = `t=1769884920,v1=${SIGNATURE}`;
    expect(result(header, AT + 300_000)).toBe('verified');
    expect(result(header, AT + 301_000)).toBe('stale');
  });

  test('is refused with another body', () => {
    expect(result(`t=1769884920,v1=${SIGNATURE}`, AT, '{"a":2}')).toBe('bad_signature');
  });
});

test('Greenhouse’s prefix with a blank is one still, in a list too', () => {
  const list: DeliveryAuth = {
    hmac: { ...hmac, header: 'signature', prefix: 'sha256 ', signed: ['body'] },
  };
  const { timestamp: _timestamp, ...untimed } = list.hmac;
  // printf '%s' '{"a":1}' | openssl dgst -sha256 -hmac 'wh-secret-of-workos' -hex
  const signature = '40473477ae163d2f727141b3b67ccc50798868f9f5cc022a81e7bd26a0c6147e';
  const header = `sha256 ${'0'.repeat(64)}, sha256 ${signature}`;
  const delivery = post({ signature: header }, '{"a":1}');
  expect(verify({ hmac: untimed }, [SECRET], delivery, AT)).toBe('verified');
});
