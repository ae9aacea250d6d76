import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EXPRESSION_MS } from '../../functions/lib/times.ts';
import {
  createEvaluate,
  createSandbox,
  type Sandbox,
} from '../../functions/webhooks/expression.ts';
import { runs } from '../support/depth.ts';

const sandbox = createSandbox();
/** Long enough on a busy machine. */
const PLENTY_MS = 10_000;
const evaluate = (expression: string, event: unknown = {}, body: unknown = event) =>
  sandbox.evaluate(expression, event, body, PLENTY_MS);

const HIRED = {
  type: 'employee.created',
  data: { employeeId: '42', email: 'casey@partner.example', tags: ['contractor', 'remote'] },
};

describe('an expression gives', () => {
  it.each<[string, string | number | boolean]>([
    ['type = "employee.created"', true],
    ['type = "employee.deleted"', false],
    ['"contractor" in data.tags', true],
    ['data.email', 'casey@partner.example'],
    ['$uppercase(data.employeeId & "-x")', '42-X'],
    ['$number(data.employeeId)', 42],
    ['data.tags[0]', 'contractor'],
    ['$contains(data.email, /@partner\\.example$/i)', true],
    ['$pad(data.employeeId, -5, "0")', '00042'],
    ['$match("ab", /(a)(b)/).groups[1]', 'b'],
    ['($domain := $substringAfter(data.email, "@"); $domain)', 'partner.example'],
  ])('%s', (expression, value) => {
    expect(evaluate(expression, HIRED)).toEqual({ value });
  });

  it.each(['missing', 'data.missing.more', 'data[type="x"].email', 'null', 'data.tags[9]', '()'])(
    'nothing: %s',
    (expression) => {
      expect(evaluate(expression, HIRED)).toEqual({ value: undefined });
    },
  );

  it.each(['$$', '$body'])('what stands in the whole delivery, as %s', (name) => {
    const body = { company: 'acme', people: [{ id: 7 }, { id: 8 }] };
    const event = { company: 'acme', people: { id: 7 } };
    const expression = `${name}.company & people.id & $count(${name}.people)`;
    expect(evaluate(expression, event, body)).toEqual({ value: 'acme72' });
    // Inside a filter, too, where $ is an item.
    const filter = `people[$string(id) in ${name}.people.$string(id)].id`;
    expect(evaluate(filter, event, body)).toEqual({ value: 7 });
  });

  it('the first text or number of several values, with the number of the others', () => {
    const event = { list: [null, '', { a: 1 }, true, 'x', 7, 'x', '  '] };
    expect(evaluate('list', event)).toEqual({ value: 'x', more: 1 });
    expect(evaluate('list[$type($) = "number"]', event)).toEqual({ value: 7 });
  });

  it('what comes after a comment', () => {
    expect(evaluate('/* whose? */ data.employeeId /* theirs */', HIRED)).toEqual({ value: '42' });
  });

  it('what stands in an event that is a list, a text or null', () => {
    expect(evaluate('$count($)', [1, 2, 3])).toEqual({ value: 3 });
    expect(evaluate('$length($)', 'four')).toEqual({ value: 4 });
    expect(evaluate('$', null)).toEqual({ value: undefined });
  });
});

describe('a result is refused', () => {
  it.each([
    'data',
    '[data]',
    '[true]',
    '[[type]]',
    '$sum',
    'function($x){ $x }',
    '/a/',
    '{"a": 1}',
  ])('when it is no text, number or boolean: %s', (expression) => {
    expect(evaluate(expression, HIRED)).toEqual({ failed: 'wrong_type' });
  });

  it('when every one of several is: the first that can be used stands for all', () => {
    expect(evaluate('[1, 2]', HIRED)).toEqual({ value: 1, more: 1 });
    expect(evaluate('[type]', HIRED)).toEqual({ value: 'employee.created' });
    expect(evaluate('[null, "", " ", "a", "b", "a"]', HIRED)).toEqual({ value: 'a', more: 1 });
    expect(evaluate('[null, "", " "]', HIRED)).toEqual({ value: undefined });
  });

  it('when it is longer than any address or reference', () => {
    expect(evaluate('$', 'x'.repeat(1000))).toEqual({ value: 'x'.repeat(1000) });
    expect(evaluate('$', 'x'.repeat(1001))).toEqual({ failed: 'too_long' });
  });
});

describe('an expression is an error', () => {
  it.each([
    ['that calls what is no function', '$nonesuch(1)'],
    ['that calls a function with another type', '$uppercase(1)'],
    ['that says so', '$error("casey@partner.example")'],
    ['that does not compile', 'type = ('],
    [
      'that recurses without end, each call waiting for the next',
      '($f := function($x){ $f($x) + 1 }; $f(1))',
    ],
    ['that makes ten million numbers', '$map([1..10000000], function($v){ $v * 2 })'],
    ['that doubles a list without end', '($f := function($x){ $f($append($x, $x)) }; $f([1]))'],
    ['that pads to a gigabyte', '$pad("x", 1000000000)'],
    // Nothing else would stop these: they are done within the time, and a text may be so long.
    ['that pads to 400 MB', '$pad("x", 400000000) = "y"'],
    ['that pads to 400 MB on the left', '$pad("x", -400000000) = "y"'],
    ['that needs what Node has', '$base64encode("x")'],
    ['that runs a text as an expression', '$eval("1")'],
    ['that runs a text of the event', '$map([type], $eval)'],
    [
      'that doubles a text without end',
      '($f := function($s){ $f($s & $s & $length($s)) }; $f("x"))',
    ],
    // Each takes more than a second with 2^26 characters, and no limit of time interrupts it.
    ...[
      ...['$count($split(LONG, ","))', '$uppercase(LONG)', '$lowercase(LONG)', '$trim(LONG)'],
      ...['$encodeUrlComponent(LONG)', '$encodeUrl(LONG)', '$decodeUrl(LONG)', '$length(LONG)'],
      ...['$contains(LONG, "x")', '$replace(LONG, "a", "b")', '$substringBefore(LONG, "x")'],
      ...['$join([LONG, LONG])', '$string({"a": LONG})', '$map([LONG], $uppercase)'],
    ].map((use) => [
      `that doubles a text 26 times, and goes over it by ${use}`,
      `($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; ${use.replaceAll('LONG', '$f("a,", 25)')}; "done")`,
    ]),
  ])('%s', (_name, expression) => {
    expect(evaluate(expression, HIRED)).toEqual({ failed: 'error' });
  });

  it('on an event that nests too deep to be copied', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(evaluate('1', deep)).toEqual({ failed: 'error' });
  });
});

describe('the time limit stops', () => {
  it.each([
    ['an endless loop', '($f := function($x){ $f($x) }; $f(1))'],
    ['two that call each other', '($f := function(){ $g() }; $g := function(){ $f() }; $f())'],
    ['a regular expression that backtracks', '$contains(s, /(a+)+$/)'],
    ['one in a replacement', '$replace(s, /(a|a)*$/, "")'],
    [
      'one that a built-in function makes of a picture',
      '$toMillis($join([1..90].("1")) & "x", "[f1][f1][f1][f1][f1][f1][f1][f1]")',
    ],
    ['many steps over lists', '$map([1..9999], function($v){ $count([1..9999].($ + $v)) })'],
    ['a long sort', '$count($sort([1..9999], function($l, $r){ $l < $r }))'],
  ])('%s', (_name, expression) => {
    const event = { s: `${'a'.repeat(60)}!` };
    expect(sandbox.evaluate(expression, event, event, 100)).toEqual({ failed: 'time_limit' });
    // What comes next has nothing of it.
    expect(evaluate('$length(s)', event)).toEqual({ value: 61 });
  });
});

describe('what was stopped', () => {
  const ENDLESS = '($f := function($x){ $f($x) }; $f(1))';

  it.each([
    ['once, when it was at work', 14_000, 1, 20],
    [
      'five times at most, each for longer, when the machine was busy elsewhere',
      13_900,
      5,
      20 + 40 + 80 + 160 + 250,
    ],
  ])('is tried %s', (_name, user, attempts, leastMs) => {
    const usage = vi
      .spyOn(process, 'threadCpuUsage')
      .mockImplementation((before) => ({ user: before ? user : 0, system: 0 }));
    onTestFinished(() => usage.mockRestore());
    const start = performance.now();
    expect(sandbox.evaluate(ENDLESS, {}, {}, 20)).toEqual({ failed: 'time_limit' });
    expect(performance.now() - start).toBeGreaterThan(leastMs - attempts);
    expect(usage).toHaveBeenCalledTimes(2 * attempts);
  });
});

describe('nothing outside is reached', () => {
  it.each([
    'constructor',
    '__proto__',
    'toString',
    'data.constructor.constructor',
    '$lookup($, "__proto__")',
    '$lookup($, "constructor")',
    '$.hasOwnProperty',
    '$string.constructor',
    '$sift.implementation.constructor("return process")()',
    'globalThis',
    'process',
    '$process',
    '$globalThis',
    '$eval',
    '$jsonata',
    '$evaluate',
  ])('by %s', (expression) => {
    expect(evaluate(expression, HIRED)).toEqual({ value: undefined });
  });

  it.each([
    '$merge([$, {"__proto__": {"polluted": true}}])',
    '$ ~> |$|{"__proto__": {"polluted": true}}|',
    '{"__proto__": {"polluted": true}}',
    '{"constructor": {"prototype": {"polluted": true}}}',
  ])('and no prototype is written by %s', (expression) => {
    expect(evaluate(expression, HIRED)).toEqual({ failed: 'wrong_type' });
    expect(evaluate('polluted', {})).toEqual({ value: undefined });
    expect({}).not.toHaveProperty('polluted');
  });

  it('by an event with a key __proto__, which is a key like any other', () => {
    const event = JSON.parse('{"__proto__": {"admin": true}, "constructor": "text"}');
    expect(evaluate('admin', event)).toEqual({ value: undefined });
    expect(evaluate('`constructor`', event)).toEqual({ value: 'text' });
    expect(evaluate('polluted', {})).toEqual({ value: undefined });
  });
});

describe('one evaluation leaves nothing to the next:', () => {
  it('no variable', () => {
    evaluate('$left := "behind"', HIRED);
    expect(evaluate('$left', HIRED)).toEqual({ value: undefined });
  });

  it('no change of the event', () => {
    const before = structuredClone(HIRED);
    for (const expression of [
      '$ ~> |data|{"email": "other@partner.example"}|',
      '$count($reverse(data.tags))',
      '$join($sort(data.tags), ",")',
      '$append(data.tags, "x")[2]',
    ]) {
      evaluate(expression, HIRED);
    }
    expect(evaluate('data.email & $join(data.tags, ",")', HIRED)).toEqual({
      value: 'casey@partner.examplecontractor,remote',
    });
    expect(HIRED).toEqual(before);
  });

  it('no function of the same name', () => {
    evaluate('($uppercase := function($x){ "mine" }; $uppercase("a"))');
    expect(evaluate('$uppercase("a")')).toEqual({ value: 'A' });
  });
});

it('gives for any text and any event one of the closed results, and never throws', () => {
  const words = fc.constantFrom(
    ...[
      'a',
      'b',
      '$',
      '$$',
      '.',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      '|',
      '~>',
      ':=',
      '=',
      '&',
      '/',
      '"',
    ],
    ...[
      'function($x)',
      '$map',
      '$eval',
      '$string',
      '$sort',
      '0',
      '..',
      ',',
      ';',
      '?',
      ':',
      '*',
      '**',
    ],
  );
  const expressions = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 12 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(expressions, fc.jsonValue(), (expression, event) => {
      const evaluation = evaluate(expression, event);
      if ('failed' in evaluation) {
        expect(['error', 'wrong_type', 'too_long']).toContain(evaluation.failed);
      } else {
        expect(['string', 'number', 'boolean', 'undefined']).toContain(typeof evaluation.value);
      }
    }),
    runs(1000),
  );
});

it('whoever evaluates few expressions gives each of them the full time, every time', () => {
  const evaluate = vi.fn<Sandbox['evaluate']>(() => ({ failed: 'time_limit' }));
  const tryOn = createEvaluate({ evaluate });
  for (const answer of [1, 2, 3, 4]) tryOn('slow', answer, answer);
  expect(evaluate.mock.calls.map(([, , , limit]) => limit)).toEqual(Array(4).fill(EXPRESSION_MS));
});
