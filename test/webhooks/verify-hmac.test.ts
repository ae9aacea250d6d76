import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../functions/webhooks/delivery.ts';
import type { HmacAuth } from '../../functions/webhooks/provider.ts';
import { type DeliveryAuth, verify } from '../../functions/webhooks/verify.ts';
import { post, withHeaders } from '../support/verify-deliveries.ts';
import { rowAuth } from '../support/verify-descriptions.ts';

// The scheme of Slack, signed on the command line:
//   printf '%s' 'v0:1531420618:{"a":1}' | openssl dgst -sha256 -hmac 'k3y-of-16-letters' -hex
const hmac: HmacAuth = {
  hash: 'sha256',
  header: 'x-signature',
  prefix: 'v0=',
  encoding: 'hex',
  key: 'utf8',
  signed: [{ text: 'v0:' }, { header: 'x-timestamp' }, { text: ':' }, 'body'],
  timestamp: { header: 'x-timestamp', format: 'seconds', toleranceSeconds: 300 },
};
const SECRET = 'k3y-of-16-letters';
const SIGNATURE = '707395495af26a5fe3a2717085f1a818fff13795b5561e75d1170a0618ae4a71';
const AT = 1531420618_000;
const genuine = post({ 'x-signature': `v0=${SIGNATURE}`, 'x-timestamp': '1531420618' }, '{"a":1}');

const result = (delivery = genuine, secrets = [SECRET], now = AT, auth: DeliveryAuth = { hmac }) =>
  verify(auth, secrets, delivery, now);

test('takes a genuine delivery', () => {
  expect(result()).toBe('verified');
});

describe('secrets', () => {
  test.each([
    ['the last of several', ['old', SECRET]],
    ['one beside an empty one', ['', SECRET]],
  ])('takes %s', (_name, secrets) => {
    expect(result(genuine, secrets)).toBe('verified');
  });

  test.each([
    ['none', []],
    ['an empty one', ['']],
    ['a blank', [' ']],
  ])('refuses with %s', (_name, secrets) => {
    expect(result(genuine, secrets)).toBe('no_secret');
  });

  test.each([
    ['one that can be guessed', ['fifteen-bytes-1']],
    ['one that white space makes long', ['fifteen-bytes-1 \n']],
    ['two short ones', ['a', 'fifteen-bytes-1']],
  ])('refuses with %s, and says so', (_name, secrets) => {
    expect(result(genuine, secrets)).toBe('short_secret');
  });

  // printf '%s' 'v0:1531420618:{"a":1}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00 -hex
  // A key of zeros is the empty key: HMAC pads with them.
  test('refuses what is signed with the empty key, which anybody has', () => {
    const forged = withHeaders(genuine, {
      'x-signature': 'v0=f6c9ac64ee6f6785dc7f08191c702f755e823497af3eed7e45ec937eeb3c6d8c',
    });
    expect(result(forged, [''])).toBe('no_secret');
    expect(result(forged, ['', SECRET])).toBe('bad_signature');
  });

  test.each([
    ['nothing behind the prefix', 'whsec_', 'short_secret'],
    ['no base64 behind the prefix', 'whsec_**********', 'no_secret'],
    ['a digit of base64 too many', 'whsec_ZmlmdGVlbi1ieXRlcy0xA', 'no_secret'],
    ['one byte in base64', 'whsec_AA', 'short_secret'],
    // printf 'fifteen-bytes-1' | openssl base64 -A
    ['15 bytes in base64', 'whsec_ZmlmdGVlbi1ieXRlcy0x', 'short_secret'],
  ])('refuses with %s', (_name, secret, reason) => {
    const auth = rowAuth('standard-webhooks');
    const delivery = post(
      { 'webhook-id': 'a', 'webhook-timestamp': '1531420618', 'webhook-signature': 'v1,AAAA' },
      '',
    );
    expect(result(delivery, [secret], AT, auth)).toBe(reason);
  });

  test('takes a secret of base64 without its prefix too', () => {
    const auth = rowAuth('standard-webhooks');
    const delivery = post(
      {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      '{"test": 2432232314}',
    );
    const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(result(delivery, [secret], 1614265330_000, auth)).toBe('verified');
  });
});

describe('the signature', () => {
  test('may be in upper case', () => {
    const upper = withHeaders(genuine, { 'x-signature': `v0=${SIGNATURE.toUpperCase()}` });
    expect(result(upper)).toBe('verified');
  });

  test.each([
    ['is missing', undefined, 'missing_header'],
    ['is empty', '', 'missing_header'],
    ['lacks its prefix', SIGNATURE, 'malformed_signature'],
    ['is the prefix alone', 'v0=', 'malformed_signature'],
    ['is cut short by a digit', `v0=${SIGNATURE.slice(1)}`, 'malformed_signature'],
    ['is cut short by a byte', `v0=${SIGNATURE.slice(2)}`, 'bad_signature'],
    ['goes on', `v0=${SIGNATURE}00`, 'bad_signature'],
    ['is no hexadecimal', `v0=${SIGNATURE.replace(/.$/, 'g')}`, 'malformed_signature'],
    ['is given twice', `v0=${SIGNATURE},v0=${SIGNATURE}`, 'malformed_signature'],
    ['has a space behind it', `v0=${SIGNATURE} `, 'malformed_signature'],
  ])('that %s is refused', (_name, signature, refusal) => {
    expect(result(withHeaders(genuine, { 'x-signature': signature }))).toBe(refusal);
  });

  test('is not looked for among what every object has', () => {
    const auth: DeliveryAuth = { hmac: { ...hmac, header: 'constructor' } };
    expect(result(genuine, [SECRET], AT, auth)).toBe('missing_header');
  });
});

describe('the timestamp', () => {
  test.each([
    ['as it is', 0, 'verified'],
    ['5 minutes later', 300, 'verified'],
    ['5 minutes early', -300, 'verified'],
    ['a second after that', 301, 'stale'],
    ['a second before that', -301, 'stale'],
    ['a year later', 365 * 86_400, 'stale'],
  ])('%s: %s s, %s', (_name, seconds, expected) => {
    expect(result(genuine, [SECRET], AT + seconds * 1000)).toBe(expected);
  });

  test.each([
    ['that is missing is refused', undefined, 'missing_header'],
    ['given twice is refused', '1531420618,1531420618', 'bad_signature'],
    ['of another time is refused', '1531420619', 'bad_signature'],
  ])('%s', (_name, timestamp, refusal) => {
    expect(result(withHeaders(genuine, { 'x-timestamp': timestamp }))).toBe(refusal);
  });

  test('that is signed and unreadable is refused', () => {
    // printf '%s' 'v0:yesterday:{"a":1}' | openssl dgst -sha256 -hmac 'k3y-of-16-letters' -hex
    const odd = withHeaders(genuine, {
      'x-timestamp': 'yesterday',
      'x-signature': 'v0=bb3d0e59cf91b3c671dee504e1bb09bf25c92d1955f0eacd9bae4dd7752b3306',
    });
    expect(result(odd)).toBe('malformed_timestamp');
  });

  test('of a forgery does not matter', () => {
    expect(result(genuine, ['another-secret-of-16'], AT + 3_600_000)).toBe('bad_signature');
  });

  test('is not compared with the clock where the row has no tolerance', () => {
    const { toleranceSeconds: _unchecked, ...timestamp } = hmac.timestamp as NonNullable<
      HmacAuth['timestamp']
    >;
    const auth: DeliveryAuth = { hmac: { ...hmac, timestamp } };
    expect(result(genuine, [SECRET], AT + 365 * 86_400_000, auth)).toBe('verified');
  });
});

describe('the body', () => {
  test.each([
    ['with a byte more', '{"a":1} '],
    ['with another value', '{"a":2}'],
    ['that is empty', ''],
    ['in which the same is written otherwise', '{"a": 1}'],
  ])('%s is refused', (_name, body) => {
    expect(result({ ...genuine, body: Buffer.from(body) })).toBe('bad_signature');
  });

  // head -c 6291456 /dev/zero | (printf 'v0:1531420618:'; cat) | openssl dgst -sha256 -hmac 'k3y-of-16-letters' -hex
  test('may be as large as it may be', () => {
    const large = withHeaders(genuine, {
      'x-signature': 'v0=96b172c2d8d95ad28eacac8ca3af629b12349b1a0aaf41ab343a910f98373fc5',
    });
    expect(result({ ...large, body: Buffer.alloc(MAX_BODY_BYTES) })).toBe('verified');
  });

  test('is hashed as bytes, whatever they say', () => {
    // printf 'v0:1531420618:\xff\xfe\x00' | openssl dgst -sha256 -hmac 'k3y-of-16-letters' -hex
    const binary = withHeaders(genuine, {
      'x-signature': 'v0=44ae50c1b2955493ad4c9b4fb8b8dab23bd142c125c762fff16c768fce5d2b6e',
    });
    expect(result({ ...binary, body: Buffer.from([0xff, 0xfe, 0]) })).toBe('verified');
  });
});
