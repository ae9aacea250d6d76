import type { RouteModel } from './api-model.ts';

/** The route of a request, and the values of the route's parameters (decoded). */
export type Match = { route: RouteModel; pathParameters: Record<string, string> | undefined };

/**
 * Chooses routes as an HTTP API does: of two that match, the one with the longer literal path.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 * @returns a function of method and decoded path; undefined where no route answers
 */
export function routeTable(
  routes: readonly RouteModel[],
): (method: string, path: string) => Match | undefined {
  const table = routes
    .map((route) => {
      const [method = '', path = ''] = route.routeKey.split(' ');
      return { route, method, pattern: path.split('/') };
    })
    .sort((a, b) => rank(a.pattern).localeCompare(rank(b.pattern)));

  return (method, path) => {
    for (const entry of table) {
      const parameters = entry.method === method && matchPath(entry.pattern, path.split('/'));
      if (!parameters) continue;
      const named = Object.keys(parameters).length > 0;
      return { route: entry.route, pathParameters: named ? parameters : undefined };
    }
    return undefined;
  };
}

/** Sorts by the kinds of the segments from left to right. */
const rank = (pattern: string[]) =>
  pattern.map((segment) => (segment.startsWith('{') ? '1' : '0')).join('');

function matchPath(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (segments.length !== pattern.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined;
    } else {
      if (!segment) return undefined;
      parameters[expected.slice(1, -1)] = segment;
    }
  }
  return parameters;
}
