import type { RouteModel } from './api-model.ts';

/** The route of a request, and what its path says for the route's parameters (decoded). */
export type Match = { route: RouteModel; pathParameters: Record<string, string> | undefined };

/**
 * Chooses routes as an HTTP API does: the most specific path first (literal, then `{parameter}`,
 * then greedy `{parameter+}`), a method before ANY, `$default` last.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 * @returns a function of method and decoded path; undefined where no route answers
 */
export function routeTable(
  routes: readonly RouteModel[],
): (method: string, path: string) => Match | undefined {
  const table = routes
    .filter(({ routeKey }) => routeKey !== '$default')
    .map((route) => {
      const [method = '', path = ''] = route.routeKey.split(' ');
      return { route, method, pattern: path.split('/') };
    })
    .sort((a, b) => rank(a).localeCompare(rank(b)));
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');

  return (method, path) => {
    const segments = path.split('/');
    for (const entry of table) {
      if (entry.method !== 'ANY' && entry.method !== method) continue;
      const parameters = matchPath(entry.pattern, segments);
      if (!parameters) continue;
      const named = Object.keys(parameters).length > 0;
      return { route: entry.route, pathParameters: named ? parameters : undefined };
    }
    return fallback && { route: fallback, pathParameters: undefined };
  };
}

/** Sorts by the kinds of the segments from left to right, then by method. */
function rank({ pattern, method }: { pattern: string[]; method: string }): string {
  const kinds = pattern.map((segment) => {
    if (!isParameter(segment)) return '0';
    return isGreedy(segment) ? '2' : '1';
  });
  return `${kinds.join('')}${method === 'ANY' ? '4' : '3'}`;
}

function matchPath(pattern: string[], segments: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (isGreedy(expected)) {
      const rest = segments.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [expected.slice(1, -2)]: rest };
    }
    if (isParameter(expected)) {
      if (!segment) return undefined;
      parameters[expected.slice(1, -1)] = segment;
    } else if (segment !== expected) {
      return undefined;
    }
  }
  return segments.length === pattern.length ? parameters : undefined;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}');
}

function isGreedy(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('+}');
}
