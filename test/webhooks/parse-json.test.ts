import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnreadableDelivery } from '../../functions/webhooks/delivery.ts';
import { parseJson } from '../../functions/webhooks/parse.ts';
import { runs } from '../support/depth.ts';

const codeOf = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof UnreadableDelivery) return error.code;
    throw error;
  }
  return 'read';
};

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('depth', () => {
  test('of 64 is read', () => {
    expect(codeOf(nested(64))).toBe('read');
  });

  test.each([
    ['65 lists', nested(65)],
    ['65 objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['100,000 lists, which would overflow the stack', nested(100_000)],
    ['100,000 lists that never end', '['.repeat(100_000)],
    ['65 lists behind a string with a quote in it', `["\\"",${nested(65)}]`],
    ['65 lists behind a string that ends in a backslash', `["\\\\",${nested(65)}]`],
  ])('of %s is refused', (_name, text) => {
    expect(codeOf(text)).toBe('too_deep');
  });

  test('is not what brackets in a string make', () => {
    expect(codeOf(JSON.stringify({ a: `"${'[{'.repeat(100)}` }))).toBe('read');
  });

  test('is not what many lists beside each other make', () => {
    expect(codeOf(`[${'[],'.repeat(1000)}[]]`)).toBe('read');
  });
});

describe('prototypes', () => {
  const value = parseJson(
    '{"__proto__":{"email":"x"},"constructor":{"prototype":{"email":"x"}},"a":[{"__proto__":null,"b":1}]}',
  ) as { email?: unknown; constructor: unknown; a: object[] };

  test('cannot be set', () => {
    expect(Object.keys(value)).toEqual(['constructor', 'a']);
    expect(Object.keys(value.a[0] as object)).toEqual(['b']);
    expect(value.email).toBeUndefined();
    expect(({} as { email?: unknown }).email).toBeUndefined();
  });

  test('are on no object', () => {
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(value.a[0])).toBeNull();
  });

  test('stay out of a copy, field by field', () => {
    const copy: { email?: unknown } = {};
    Object.assign(copy, value);
    expect(copy.email).toBeUndefined();
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  test('are not what a field called constructor is', () => {
    expect(value.constructor).toEqual({ prototype: { email: 'x' } });
  });
});

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['-1', -1],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-3332883854254932743', '-3332883854254932743'],
    ['1e400', Number.POSITIVE_INFINITY],
  ])('%s is read as it is', (text, value) => {
    expect(parseJson(`{"id":${text}}`)).toEqual({ id: value });
  });
});

test.each(['', ' ', '{', '{"a":1}x', "{'a':1}", '{"a":1,}', 'NaN', '\u{1F600}', '{"a":\u0000}'])(
  '"%s" is refused',
  (text) => {
    expect(codeOf(text)).toBe('invalid_json');
  },
);

test('an error carries nothing of what was sent', () => {
  const text = '{"email":"casey@partner.example"';
  try {
    parseJson(text);
  } catch (error) {
    const { message, stack = '', cause } = error as Error;
    expect(`${message}${stack}${cause}`).not.toContain('casey');
    expect(message).toBe('the delivery cannot be read: invalid_json');
    return;
  }
  throw new Error('expected a refusal');
});

test('what is read is what JSON.parse reads', () => {
  const value = fc
    .jsonValue({ maxDepth: 6 })
    .filter((one) => !JSON.stringify(one).includes('__proto__'));
  fc.assert(
    fc.property(value, (one) => {
      const text = JSON.stringify(one);
      // Fractions and exponents are left alone, so only whole numbers have to be safe.
      fc.pre(!/(?<![\d.eE+])-?\d{16,}(?![\d.eE])/.test(text));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('any text is read or refused by its code', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json().map((one) => one.slice(0, -1)),
    fc.stringMatching(/^[[\]{}",:\\a1]{0,40}$/),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(['read', 'invalid_json', 'too_deep']).toContain(codeOf(one));
    }),
    runs(2000),
  );
});
