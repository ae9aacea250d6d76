import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASYNC_APPLIED, prefersAsync } from '../../functions/invite-api/contract.ts';
import { runs } from '../support/depth.ts';

// Of RFC 7240: https://www.rfc-editor.org/rfc/rfc7240#section-2 and the sections after it.
describe('a caller who would rather not wait', () => {
  test.each([
    'respond-async',
    'respond-async, wait=10',
    'respond-async, wait=100',
    'respond-async,wait=10',
    'wait=10, respond-async',
    'return=minimal; foo="some parameter", respond-async',
    'priority=5, respond-async, return=representation',
  ])('says so as in the RFC: %s', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  test.each(['Respond-Async', 'RESPOND-ASYNC', 'handling=lenient, Respond-Async'])(
    'says so in whatever case: %s',
    (header) => {
      expect(prefersAsync(header)).toBe(true);
    },
  );

  test.each([
    'respond-async; foo=bar',
    'respond-async;foo',
    'respond-async ; foo="a, b"',
    'respond-async=""',
    'respond-async; ; x=1',
  ])('may add parameters, and an empty value: %s', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  test.each([
    'foo="a, b", respond-async',
    String.raw`foo="a \" b, c", respond-async`,
    String.raw`foo="ends with \\", respond-async`,
    'foo; bar="x;y,z"; baz, respond-async',
    'foo="", respond-async',
  ])('is heard behind quoted text: %s', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  // The gateway joins several headers of one name by commas, an empty one, too.
  test.each([
    ',respond-async',
    ' , ,respond-async',
    'wait=10,, respond-async',
    'respond-async,',
    '\trespond-async ',
  ])('is heard beside empty elements and white space: "%s"', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  test('is told that it was so', () => {
    expect(ASYNC_APPLIED).toEqual({ 'preference-applied': 'respond-async' });
  });
});

describe('a caller who waits', () => {
  test('sends no header, or an empty one', () => {
    expect(prefersAsync(undefined)).toBe(false);
    expect(prefersAsync('')).toBe(false);
    expect(prefersAsync(' , ')).toBe(false);
  });

  test.each([
    'return=representation',
    'return=minimal; respond-async',
    'return=minimal; foo=respond-async',
    'foo=respond-async',
    'foo="respond-async"',
    'foo="a, respond-async, b"',
    'foo; bar=", respond-async"',
    String.raw`foo="\", respond-async"`,
    'respond-asynchronously',
    'no-respond-async',
    'respond_async',
  ])('says something else: %s', (header) => {
    expect(prefersAsync(header)).toBe(false);
  });

  test.each(['"respond-async"', 'foo="bar, respond-async', '=respond-async', ';respond-async'])(
    'says nothing that can be read: %s',
    (header) => {
      expect(prefersAsync(header)).toBe(false);
    },
  );
});

describe('whatever the header', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
  const quoted = fc
    .string({ maxLength: 12 })
    .map((text) => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`);
  const space = fc.constantFrom('', ' ', '\t');
  const parameter = fc
    .tuple(space, token, fc.option(fc.oneof(token, quoted), { nil: undefined }))
    .map(([blank, name, value]) => `${blank};${name}${value === undefined ? '' : `=${value}`}`);
  const preference = fc
    .tuple(
      token,
      fc.option(fc.oneof(token, quoted), { nil: undefined }),
      fc.array(parameter, { maxLength: 2 }),
    )
    .filter(([name]) => name.toLowerCase() !== 'respond-async')
    .map(([name, value, more]) => name + (value === undefined ? '' : `=${value}`) + more.join(''));

  test('it is read, and nothing is thrown', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('respond-async', '"', '\\', ',', ';', '=', ' ', 'a'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (header) => {
        expect(prefersAsync(header)).toEqual(expect.any(Boolean));
      }),
      runs(1000),
    );
  });

  test('the preference counts wherever it stands, and only if it does', () => {
    const list = fc.array(preference, { maxLength: 4 });
    fc.assert(
      fc.property(list, list, space, (before, after, blank) => {
        const joined = (all: string[]) => all.join(`${blank},${blank}`);
        expect(prefersAsync(joined([...before, 'respond-async', ...after]))).toBe(true);
        expect(prefersAsync(joined([...before, ...after]))).toBe(false);
      }),
      runs(500),
    );
  });
});
