import { AwsError } from '../../lib/aws-service.ts';

// Of every list of the API: "The default is 100 and the maximum allowed page size is 1000."
const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/**
 * A page of a list, which may have changed since the page before: a token says where to go on.
 * @param items in the order in which they are listed
 * @param key rises or falls along the list
 * @throws AwsError ValidationException, InvalidToken
 */
export function page<Item>(
  items: readonly Item[],
  { maxResults = 0, nextToken }: { maxResults?: unknown; nextToken?: unknown },
  key: (item: Item) => number,
): { items: Item[]; nextToken?: string } {
  const size = maxResults === 0 ? DEFAULT_PAGE : (maxResults as number);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value between 0 and ${LARGEST_PAGE}`,
    );
  }
  const [first, second] = items;
  const falls = first !== undefined && second !== undefined && key(first) > key(second);
  const start = nextToken === undefined ? undefined : position(nextToken);
  const from = items.findIndex((item) => {
    return start === undefined || (falls ? key(item) <= start : key(item) >= start);
  });
  const rest = from < 0 ? [] : items.slice(from);
  const next = rest[size];
  const token = next && { nextToken: Buffer.from(String(key(next))).toString('base64url') };
  return { items: rest.slice(0, size), ...token };
}

function position(token: unknown): number {
  const text = Buffer.from(String(token), 'base64url').toString();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
}
