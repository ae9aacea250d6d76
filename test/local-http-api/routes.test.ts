import { describe, expect, test } from 'vitest';
import { routeTable } from '../../infra/local/http-api/routes.ts';

const table = (...routeKeys: string[]) =>
  routeTable(
    routeKeys.map((routeKey) => ({
      routeKey,
      authorization: 'NONE' as const,
      functionName: 'door',
      timeoutMs: 1,
    })),
  );

// Least specific first, so that the order of the template cannot be what decides.
const find = table('GET /pets/{id}', 'GET /pets/new', 'POST /pets/{id}/toys/{toy}');

describe('chosen is', () => {
  test.each([
    ['GET', '/pets/new', 'GET /pets/new', undefined],
    ['GET', '/pets/7', 'GET /pets/{id}', { id: '7' }],
    ['POST', '/pets/7/toys/ball', 'POST /pets/{id}/toys/{toy}', { id: '7', toy: 'ball' }],
  ])('for %s %s the route %s', (method, path, routeKey, pathParameters) => {
    const match = find(method, path);
    expect(match?.route.routeKey).toBe(routeKey);
    expect(match?.pathParameters).toEqual(pathParameters);
  });
});

describe('there is no route for', () => {
  test.each([
    ['another method', 'PUT', '/invites'],
    ['another path', 'POST', '/invite'],
    ['a longer path', 'POST', '/invites/1'],
    ['a slash at the end', 'POST', '/invites/'],
    ['an empty parameter', 'GET', '/invites/'],
  ])('%s', (_, method, path) => {
    expect(table('POST /invites', 'GET /invites/{id}')(method, path)).toBeUndefined();
  });
});
