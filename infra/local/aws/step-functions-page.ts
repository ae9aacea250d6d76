import { AwsError } from '../lib/aws-service.ts';

// Of every list of the API: "The default is 100 and the maximum allowed page size is 1000."
const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/**
 * A page of a list, which may have grown since the page before: a token says where to go on.
 * @param items the oldest first
 * @param options.reverse the newest first; with `matches`, only these
 * @throws AwsError ValidationException, InvalidToken
 */
export function page<Item>(
  items: readonly Item[],
  { maxResults, nextToken }: { maxResults?: unknown; nextToken?: unknown },
  options: { reverse: boolean; matches?: (item: Item) => boolean },
): { items: Item[]; nextToken?: string } {
  const size = pageSize(maxResults);
  const { reverse, matches = () => true } = options;
  const step = reverse ? -1 : 1;
  const found: Item[] = [];
  let at = nextToken === undefined ? (reverse ? items.length - 1 : 0) : position(nextToken);
  for (; items[at] !== undefined; at += step) {
    const item = items[at] as Item;
    if (!matches(item)) continue;
    if (found.length === size) return { items: found, nextToken: tokenOf(at) };
    found.push(item);
  }
  return { items: found };
}

function pageSize(wish: unknown): number {
  if (wish === undefined || wish === 0) return DEFAULT_PAGE;
  const size = Number.isInteger(wish) ? (wish as number) : -1;
  if (size > 0 && size <= LARGEST_PAGE) return size;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value between 0 and ${LARGEST_PAGE}`,
  );
}

function tokenOf(position: number): string {
  return Buffer.from(String(position)).toString('base64url');
}

function position(token: unknown): number {
  const text = Buffer.from(String(token), 'base64url').toString();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
}
