import { ownError } from '../errors/invite-error.ts';
import { type Delivery, UnreadableDelivery } from './delivery.ts';
import type { Sandbox } from './expression.ts';
import type { InstalledProvider } from './installed-provider.ts';
import { type Path, valueAt } from './path.ts';
import type { Mark } from './provider.ts';

/**
 * Finds the events in the body of a delivery.
 *
 * @param headers for the source's expression that says where they are, if it has one.
 * @returns the event or events as rules see them; none for a ping, a simulation and an empty list.
 * @throws UnreadableDelivery
 * @throws InviteError where the expression takes too long.
 */
export const readPayloads = (
  provider: InstalledProvider,
  body: object,
  headers: Delivery['headers'],
  list: Sandbox['list'],
): unknown[] => {
  const { ignore = [], eventsExpression } = provider;
  const isMarked = (value: unknown) => ignore.some((mark) => hasMark(value, mark));
  if (isMarked(body)) return [];
  if (eventsExpression === undefined) {
    return listed(provider, body).filter((payload) => !isMarked(payload));
  }
  const results = list(eventsExpression, body, headers);
  if ('failed' in results) {
    throw results.failed === 'time_limit'
      ? ownError('rules_too_slow')
      : new UnreadableDelivery('events_failed');
  }
  return results.filter((payload) => !isMarked(payload));
};

/** A form has texts only. */
const hasMark = (value: unknown, { path, equals }: Mark): boolean => {
  const found = valueAt(value, path);
  const isPlain = found !== undefined && typeof found !== 'object';
  return isPlain && String(found) === String(equals);
};

/** @returns the events of a body that is no ping, as far as paths say where they are. */
export const listed = (
  { eventsPath, splitPath }: Pick<InstalledProvider, 'eventsPath' | 'splitPath'>,
  body: object,
): unknown[] => {
  const list = eventsPath === undefined || Array.isArray(body) ? body : valueAt(body, eventsPath);
  const payloads: unknown[] = Array.isArray(list) ? list : [body];
  return splitPath === undefined
    ? payloads
    : payloads.flatMap((payload) => splitAt(payload, splitPath));
};

/** A path whose last step picks items: `target[type=User]`. */
const PICK = /^(.*)\[([^.[\]=]+)=([^[\]]*)\]$/;

/**
 * Splits what has a list of several people in it into one event a person.
 *
 * @returns copies, each with one item in place of the list, so that a path which leads through the
 *   list leads to the item. Lists on the way to it are split, too. Where the path's end picks items,
 *   each copy has one of those and all the others in a list. What has no list there is returned as it
 *   is, and an empty one is no event.
 */
export const splitAt = (event: unknown, path: Path): unknown[] => {
  const [, listPath = path, key, wanted] = PICK.exec(path) ?? [];
  const names = listPath.split('.');
  if (key === undefined) return splitBy(event, names, (list) => list);
  return splitBy(event, names, (list) => {
    const picked = list.filter((item) => valueAt(item, key) === wanted);
    if (picked.length < 2) return [list];
    return picked.map((one) => list.filter((item) => item === one || !picked.includes(item)));
  });
};

/** Copies only what lies on the way. @param split what stands in the place of the list. */
const splitBy = (
  value: unknown,
  [name, ...rest]: readonly string[],
  split: (list: unknown[]) => unknown[],
): unknown[] => {
  if (name === undefined) return Array.isArray(value) ? split(value) : [value];
  if (Array.isArray(value)) return value.flatMap((item) => splitBy(item, [name, ...rest], split));
  const member = valueAt(value, name);
  if (member === undefined) return [value];
  return splitBy(member, rest, split).map((one) =>
    Object.assign(Object.create(null), value, { [name]: one }),
  );
};
