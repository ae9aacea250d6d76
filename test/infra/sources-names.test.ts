import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { JSONATA_FUNCTIONS, unknownName } from '../../infra/config/sources-names.ts';

const nameIn = (expression: string) => unknownName(jsonata(expression).ast());

/** Whether an expression finds a function of the library under this name. */
const isFunction = async (name: string): Promise<boolean> =>
  (await jsonata(`$type($${name})`).evaluate({})) === 'function';

test('the list of functions is the library’s', async () => {
  // Every word of the library: a function has its name somewhere, however it is defined.
  const text = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8');
  const words = [...new Set(text.split(/\W+/))].filter((word) => word !== '');
  const found: string[] = [];
  for (const word of words) if (await isFunction(word)) found.push(word);
  expect(JSONATA_FUNCTIONS.toSorted()).toEqual(found.toSorted());
});

test.each([
  'type = "employee.created"',
  '$contains(type, "created") and $not($exists(internal))',
  '$contains($body.source, "//acme.okta.com/")',
  '$$.a[$.b > 1]',
  '($limit := 3; $count(items) > $limit)',
  '($twice := function($x){ $x * 2 }; $twice(a) > 2)',
  '$filter(items, function($v, $i){ $v.id = $i })',
  'orders@$o.items#$n[$o.id = $n]',
  'a ~> $uppercase',
  '$map(a, $substring(?, 0, 1))',
  'a ~> |b|{"c": $now()}|',
  'items^(>$.price)[0]',
  'a{ b: $sum(c) }',
  'a[%.b = 1]',
])('%s has no unknown name', (expression) => {
  expect(nameIn(expression)).toBeUndefined();
});

test.each([
  ['$contain(a, "x")', 'contain'],
  ['$nosuch', 'nosuch'],
  ['a[$b = 1]', 'b'],
  ['$map(a, function($v){ $v + $w })', 'w'],
  ['a ~> $upper', 'upper'],
  ['a ~> |b|{"c": $zz}|', 'zz'],
  ['items^(>$price)', 'price'],
  ['a{ b: $total(c) }', 'total'],
  ['$count(a) > 0 ? $first(a) : "none"', 'first'],
])('%s has an unknown name: $%s', (expression, name) => {
  expect(nameIn(expression)).toBe(name);
});
