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
  if (!results) throw new UnreadableDelivery('events_failed');
  return results.filter((payload) => !isMarked(payload));
};

/** A form has texts only. */
const hasMark = (value: unknown, { path, equals }: Mark): boolean => {
  const found = valueAt(value, path);
  return typeof found !== 'object' && String(found) === String(equals);
};

const listed = ({ eventsPath, splitPath }: InstalledProvider, body: object): unknown[] => {
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
 *   list leads to the item. Where the path's end picks items, each copy has one of those and all the
 *   others in a list. What has no list there is returned as it is, and an empty one is no event.
 */
export const splitAt = (event: unknown, path: Path): unknown[] => {
  const [, listPath = path, key, wanted] = PICK.exec(path) ?? [];
  const list = valueAt(event, listPath);
  if (!Array.isArray(list)) return [event];
  const replace = (item: unknown) => replaced(event, listPath.split('.'), item);
  if (key === undefined) return list.map(replace);

  const picked = list.filter((item) => valueAt(item, key) === wanted);
  if (picked.length < 2) return [event];
  return picked.map((one) =>
    replace(list.filter((item) => item === one || !picked.includes(item))),
  );
};

/** Copies only what lies on the way. */
const replaced = (value: unknown, [name, ...rest]: string[], item: unknown): unknown =>
  name === undefined
    ? item
    : Object.assign(Object.create(null), value, {
        [name]: replaced((value as Record<string, unknown>)[name], rest, item),
      });
