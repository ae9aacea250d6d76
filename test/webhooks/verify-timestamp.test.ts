import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTimestamp } from '../../functions/webhooks/signatures.ts';

describe.each([
  ['seconds', '1531420618', 1531420618_000],
  ['milliseconds', '1531420618123', 1531420618_123],
  ['seconds_or_iso8601', '1531420618', 1531420618_000],
  ['seconds_or_iso8601', '2018-07-12T18:36:58Z', 1531420618_000],
  ['seconds_or_iso8601', '2018-07-12T18:36:58.123456Z', 1531420618_123],
  ['seconds_or_iso8601', '2018-07-12T18:36:58+0000', 1531420618_000],
  ['seconds_or_iso8601', '2018-07-12T20:36:58+02:00', 1531420618_000],
] as const)('%s', (format, text, time) => {
  test(`reads ${text}`, () => {
    expect(parseTimestamp(text, format)).toBe(time);
  });
});

describe.each(['seconds', 'milliseconds', 'seconds_or_iso8601'] as const)('%s', (format) => {
  test.each([
    '',
    ' 1531420618',
    '1531420618 ',
    '1531420618,1531420618',
    '1531420618.5',
    '-1531420618',
    '+1531420618',
    '1e9',
    '0x5b',
    '١٥٣١٤٢٠٦١٨',
    '9'.repeat(15),
    'Thu, 12 Jul 2018 18:36:58 GMT',
    '2018-07-12',
    '2018-07-12T18:36:58',
    '2018-13-12T18:36:58Z',
    '2018-07-12T25:36:58Z',
    '2018-07-12T18:36:58+99:00',
  ])('refuses "%s"', (text) => {
    expect(parseTimestamp(text, format)).toBeUndefined();
  });

  test('never throws, and gives a whole number of milliseconds or nothing', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{1,16}$/),
      fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/),
    );
    fc.assert(
      fc.property(text, (value) => {
        const time = parseTimestamp(value, format);
        expect(time === undefined || Number.isSafeInteger(time)).toBe(true);
      }),
    );
  });
});

test('ISO 8601 is not taken where only seconds are due', () => {
  expect(parseTimestamp('2018-07-12T18:36:58Z', 'seconds')).toBeUndefined();
});
