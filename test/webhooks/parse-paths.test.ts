import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textAt, valueAt } from '../../functions/webhooks/provider.ts';

const BODY = {
  a: { b: 1, 'Home Email': 'x' },
  list: [
    { type: 'AppUser', id: '0' },
    { type: 'User', id: '1' },
    { type: 'User', id: '2' },
  ],
  rows: [[1, 2], [3]],
};

describe('a path', () => {
  test.each([
    ['a.b', 1],
    ['a.Home Email', 'x'],
    ['list[1].id', '1'],
    ['list[type=User].id', '1'],
    ['rows[0][1]', 2],
    ['list[2][0]', undefined],
    ['list[9].id', undefined],
    ['list[type=Nobody].id', undefined],
    ['list.id', undefined],
    ['a[0]', undefined],
    ['a.b.c', undefined],
    ['missing.b', undefined],
  ])('%s leads to %s', (path, value) => {
    expect(valueAt(BODY, path)).toEqual(value);
  });

  test.each([
    'constructor',
    '__proto__',
    'a.constructor.name',
    'a.toString',
    'list.length',
    'list.constructor',
    'a.Home Email.length',
  ])('%s leads to no prototype', (path) => {
    expect(valueAt(BODY, path)).toBeUndefined();
  });

  test('never throws, whatever the body is', () => {
    const path = fc.constantFrom('a', 'a.b', 'a[0].b', 'a[b=c]', 'a[b=c].d[1]');
    const body = fc.anything({ key: fc.constantFrom('a', 'b', 'd'), withNullPrototype: true });
    fc.assert(fc.property(body, path, (value, where) => void valueAt(value, where)));
  });
});

describe('the text at the first path that has one', () => {
  test.each([
    ['text', { id: 'x' }, 'x'],
    ['a number', { id: 35897443 }, '35897443'],
    ['zero', { id: 0 }, '0'],
    ['the second', { id: '', other: 'y' }, 'y'],
    ['no object', { id: {}, other: 'y' }, 'y'],
    ['no list', { id: ['x'], other: 'y' }, 'y'],
    ['no truth', { id: true, other: 'y' }, 'y'],
    ['nothing', { id: null }, undefined],
  ])('is %s', (_name, value, text) => {
    expect(textAt(value, ['id', 'other'])).toBe(text);
  });
});
