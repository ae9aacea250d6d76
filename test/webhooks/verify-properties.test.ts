import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import type { HmacAuth } from '../../functions/webhooks/provider.ts';
import { decodeBase64, decodeHex, signaturesIn } from '../../functions/webhooks/signatures.ts';
import { type DeliveryAuth, REFUSALS, verify } from '../../functions/webhooks/verify.ts';
import { runs } from '../support/depth.ts';
import { post } from '../support/verify-deliveries.ts';

const NOW = 1769884920_000;
const TIMESTAMP = '1769884920';

const auths = fc.record({
  hash: fc.constantFrom('sha256' as const, 'sha512' as const),
  encoding: fc.constantFrom('hex' as const, 'base64' as const),
  list: fc.boolean(),
  order: fc.boolean(),
});

const authOf = ({ hash, encoding, list, order }: Infer<typeof auths>): HmacAuth => {
  const timestamp = { header: 'x-timestamp' };
  return {
    hash,
    header: 'x-signature',
    ...(list && { prefix: 'v1,', separator: ' ' }),
    encoding,
    key: 'utf8',
    signed: order ? [timestamp, { text: '.' }, 'body'] : ['body', { text: ':' }, timestamp],
    timestamp: { ...timestamp, format: 'seconds', toleranceSeconds: 300 },
  };
};

type Infer<T> = T extends fc.Arbitrary<infer Value> ? Value : never;
type Genuine = { auth: HmacAuth; secret: Buffer; body: Buffer; signature: Buffer };

/** A delivery signed by node:crypto, for what no literal can show. */
const genuine = fc
  .tuple(
    auths,
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    fc.stringMatching(/^[!-~]{16,80}$/),
  )
  .map(([parts, bytes, text]): Genuine => {
    const [auth, body, secret] = [authOf(parts), Buffer.from(bytes), Buffer.from(text)];
    const order = parts.order ? [`${TIMESTAMP}.`, body] : [body, `:${TIMESTAMP}`];
    const hmac = createHmac(auth.hash, secret);
    for (const part of order) hmac.update(part);
    return { auth, secret, body, signature: hmac.digest() };
  });

const deliveryOf = (
  { auth, body, signature }: Genuine,
  timestamp: Buffer = Buffer.from(TIMESTAMP),
): Delivery =>
  post(
    {
      'x-signature': `${auth.prefix ?? ''}${signature.toString(auth.encoding)}`,
      'x-timestamp': timestamp.toString('latin1'),
    },
    body,
  );

/** The same bytes with one bit the other way round. */
const flip = (bytes: Buffer, at: number): Buffer => {
  const flipped = Buffer.from(bytes);
  const index = Math.floor(at / 8) % bytes.length;
  flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << (at % 8)), index);
  return flipped;
};

const results = (one: Genuine, secrets: string[], delivery = deliveryOf(one)) =>
  verify({ hmac: one.auth }, secrets, delivery, NOW);

describe('whatever the scheme', () => {
  test('a genuine delivery is verified, with other secrets beside', () => {
    fc.assert(
      fc.property(genuine, fc.array(fc.string()), (one, others) => {
        expect(results(one, [...others, one.secret.toString()])).toBe('verified');
      }),
    );
  });

  test.each(['body', 'signature', 'secret'] as const)(
    'a flipped bit of the %s is refused',
    (part) => {
      fc.assert(
        fc.property(genuine, fc.nat(), (one, at) => {
          const forged = { ...one, [part]: flip(one[part], at) };
          expect(results(forged, [forged.secret.toString('latin1')])).not.toBe('verified');
        }),
      );
    },
  );

  test('a flipped bit of the timestamp is refused', () => {
    fc.assert(
      fc.property(genuine, fc.nat(8 * TIMESTAMP.length - 1), (one, at) => {
        const delivery = deliveryOf(one, flip(Buffer.from(TIMESTAMP), at));
        expect(results(one, [one.secret.toString()], delivery)).not.toBe('verified');
      }),
    );
  });

  test('a header that is given twice is refused', () => {
    fc.assert(
      fc.property(genuine, fc.constantFrom('x-signature', 'x-timestamp'), (one, name) => {
        const delivery = deliveryOf(one);
        const twice = `${delivery.headers[name]},${delivery.headers[name]}`;
        const headers = { ...delivery.headers, [name]: twice };
        expect(results(one, [one.secret.toString()], { ...delivery, headers })).not.toBe(
          'verified',
        );
      }),
    );
  });
});

test('no header and no secret makes the verifier throw', () => {
  const header = fc.option(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), {
    nil: undefined,
  });
  const scheme: fc.Arbitrary<DeliveryAuth> = fc.oneof(
    auths.map((parts) => ({ hmac: authOf(parts) })),
    fc.constant({ header: { name: 'authorization', prefix: 'Bearer ' } }),
    fc.constant({ basic: true as const }),
  );
  fc.assert(
    fc.property(scheme, header, header, header, fc.array(fc.string()), (auth, a, b, c, secrets) => {
      const delivery = post({ 'x-signature': a, 'x-timestamp': b, authorization: c }, 'x');
      expect([...REFUSALS, 'verified']).toContain(verify(auth, secrets, delivery, NOW));
    }),
    runs(2000),
  );
});

test('a list of signatures is read whatever stands in it', () => {
  const item = fc.oneof(
    fc.string(),
    fc.stringMatching(/^v1,[\w+/-]{0,90}={0,3}$/),
    fc.constantFrom('', 'v1,', 'v1a,AAAA', ','),
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), auths, (items, parts) => {
      const found = signaturesIn(items.join(' '), authOf(parts));
      expect(typeof found === 'string' || (found.length > 0 && found.length <= 20)).toBe(true);
    }),
    runs(2000),
  );
});

describe('base64', () => {
  test.each(['base64', 'base64url'] as const)(
    'of Buffer in %s comes back, padded or not',
    (alphabet) => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
          const text = Buffer.from(bytes).toString(alphabet);
          const bare = text.replace(/=+$/, '');
          const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
          expect(decodeBase64(bare)).toEqual(Buffer.from(bytes));
          expect(decodeBase64(padded)).toEqual(Buffer.from(bytes));
        }),
      );
    },
  );

  test('that is taken says what Buffer says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.base64String(), fc.stringMatching(/^[\w+/=-]{0,12}$/)), (text) => {
        const bytes = decodeBase64(text);
        if (bytes) expect(bytes).toEqual(Buffer.from(text, 'base64'));
      }),
      runs(2000),
    );
  });

  test.each([
    '',
    '=',
    '==',
    'A',
    'A===',
    'AA=',
    'AAA==',
    'AAAA=',
    'AA==AA==',
    'AA AA',
    'AA\n',
    'AÄ',
    'A*AA',
  ])('is not "%s"', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});

describe('hexadecimal', () => {
  test('of Buffer comes back in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('hex');
        expect(decodeHex(text)).toEqual(Buffer.from(bytes));
        expect(decodeHex(text.toUpperCase())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each(['', 'a', 'abc', '0x0a', 'gg', 'aa ', 'aa,aa'])('is not "%s"', (text) => {
    expect(decodeHex(text)).toBeUndefined();
  });
});
