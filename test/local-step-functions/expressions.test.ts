import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { evaluate as evaluateAround } from '../../infra/local/step-functions/expressions.ts';

class EvaluationError extends Error {
  readonly location: string;

  constructor(location: string, what: string) {
    super(what);
    this.location = location;
  }
}

const evaluate = (template: unknown, bindings: Record<string, unknown>, location: string) =>
  evaluateAround(template, location, {
    bindings,
    fail: (at, what) => {
      throw new EvaluationError(at, what);
    },
  });

const resultOf = (text: string, input: unknown = {}) =>
  evaluate(`{% ${text} %}`, { states: { input } }, 'Output');

// Results that AWS gave are as LocalStack's tests recorded them from AWS itself.
// @see https://github.com/localstack/localstack/tree/main/tests/aws/services/stepfunctions/v2
describe('a function that Step Functions adds', () => {
  test.each([
    ['[0]', 1, [[0]]],
    ['[0]', 5, [[0]]],
    ['[0,1]', 1, [[0], [1]]],
    ['[0,1,2]', 2, [[0, 1], [2]]],
    ['[0,1,2,3]', 3, [[0, 1, 2], [3]]],
    ['[0,1,2,3]', 4, [[0, 1, 2, 3]]],
  ])('$partition(%s, %i)', async (list, size, expected) => {
    expect(await resultOf(`$partition(${list}, ${size})`)).toEqual(expected);
  });

  test.each([
    ['0, 9, 3', [0, 3, 6, 9]],
    ['0, 10, 3', [0, 3, 6, 9]],
    ['1, 9, 2', [1, 3, 5, 7, 9]],
    // As with AWS, one number alone is no list.
    ['1, 9, 9', 1],
    ['5, 1, -2', [5, 3, 1]],
  ])('$range(%s)', async (parameters, expected) => {
    expect(await resultOf(`$range(${parameters})`)).toEqual(expected);
  });

  test.each(['-0', '1', '1.1', 'true', 'null', '"HelloWorld"', '[1, 2, "x"]', '{"a": 1, "b": []}'])(
    '$parse of %s',
    async (text) => {
      expect(JSON.stringify(await resultOf('$parse($states.input)', text))).toBe(
        JSON.stringify(JSON.parse(text)),
      );
    },
  );

  test.each([
    ['MD5', 'md5'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
  ])('$hash by %s', async (name, algorithm) => {
    const hash = (text: string) => createHash(algorithm).update(text).digest('hex');
    expect(await resultOf(`$hash('text', '${name}')`)).toBe(hash('text'));
    expect(await resultOf(`$hash({'a': 1}, '${name}')`)).toBe(hash('{"a":1}'));
  });

  test('$uuid gives another one each time', async () => {
    const [one, other] = [await resultOf('$uuid()'), await resultOf('$uuid()')];
    expect(one).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(other).not.toBe(one);
  });

  test('$random gives numbers from 0 to 1, with a seed the same ones', async () => {
    const numbers = await Promise.all(
      ['$random()', '$random()', '$random(1)', '$random(1)', '$random(2)'].map((text) =>
        resultOf(text),
      ),
    );
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
    const [one, other, seeded, again, differently] = numbers;
    expect(other).not.toBe(one);
    expect(again).toBe(seeded);
    expect(differently).not.toBe(seeded);
  });

  test.each([
    ["$parse('not JSON')", /threw an error during evaluation\. \$parse: the string is not JSON/],
    ['$parse(1)', /threw an error during evaluation\. T0410/],
    ['$partition([1], 0)', /\$partition: the size must be 1 or more/],
    ['$range(0, 1, 0)', /\$range: the range has no end or is too long/],
    ["$hash('a', 'SHA-3')", /\$hash: the algorithm must be MD5, SHA-1/],
    ['$parse($states.input.none)', /returned nothing \(undefined\)/],
  ])('%s fails, and says why', async (text, message) => {
    await expect(resultOf(text)).rejects.toThrow(message);
    await expect(resultOf(text)).rejects.toBeInstanceOf(EvaluationError);
  });
});

describe('a field', () => {
  const bindings = { states: { input: { a: 1, list: [1, 2] } }, x: 'of a variable' };

  test('is itself where it has no expression, and evaluated wherever it has one', async () => {
    const template = {
      text: 'as it is',
      list: [1, '{% $states.input.a %}', { deep: '{% $x %}' }],
      not: 'a {% $x %}',
      empty: [],
      nothing: null,
    };
    expect(await evaluate(template, bindings, 'Output')).toEqual({
      ...template,
      list: [1, 1, { deep: 'of a variable' }],
    });
  });

  test('names its expression and where it stands, as AWS words it', async () => {
    const failing = evaluate({ result: '{% $doesNotExist %}' }, bindings, 'Output');
    await expect(failing).rejects.toMatchObject({
      location: 'Output/result',
      message:
        "The JSONata expression '$doesNotExist' specified for the field 'Output/result' returned nothing (undefined).",
    });
  });

  test.each([
    ['{% $fn := function($x){$x} %}', 'returned an unsupported result type.'],
    ['{% $sum %}', 'returned an unsupported result type.'],
    ["{% {'deep': [$sum]} %}", 'returned an unsupported result type.'],
    ["{% {'deep': function($x){$x}} %}", 'returned an unsupported result type.'],
    [
      '{% $nobody(1) %}',
      'threw an error during evaluation. T1006: Attempted to invoke a non-function',
    ],
    ['{% 1 + "a" %}', 'threw an error during evaluation. T2002: '],
  ])('%s fails', async (template, message) => {
    await expect(evaluate(template, bindings, 'Items')).rejects.toThrow(message);
  });

  test('gets a copy, not the data of the state before', async () => {
    const list = await evaluate('{% $states.input.list %}', bindings, 'Output');
    expect(list).toEqual([1, 2]);
    expect(list).not.toBe(bindings.states.input.list);
  });

  test('that calls itself without end is stopped', async () => {
    const template = '{% ($f := function($n) { 1 + $f($n) }; $f(1)) %}';
    await expect(evaluate(template, bindings, 'Output')).rejects.toThrow(/D\d+: .*[Ss]tack/);
  });
});
