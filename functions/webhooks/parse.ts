import { type Delivery, headerOf } from './delivery.ts';
import { parseJson } from './json.ts';
import type { Provider } from './provider.ts';
import { UnreadableDelivery } from './unreadable-delivery.ts';

/**
 * Reads the body of a verified delivery.
 * @returns an object or a list.
 * @throws UnreadableDelivery
 */
export const parseBody = ({ body: kind }: Provider, delivery: Delivery): object => {
  const text = decode(delivery.body);
  // Tools that send JSON and call it a form, for want of a setting, are many (curl's -d is one).
  const isJson = kind === 'json' || !isForm(delivery) || /^\s*[[{]/.test(text);
  const value = isJson ? parseJson(text) : parseForm(text);
  if (typeof value !== 'object' || value === null) throw new UnreadableDelivery('not_an_object');
  return value;
};

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableDelivery('invalid_utf8');
  }
};

const isForm = (delivery: Delivery): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headerOf(delivery, 'content-type') ?? '');

/** A field that is given several times is the list of its values. */
const parseForm = (text: string): Record<string, string | string[]> => {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === '__proto__') continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [before, value];
  }
  return fields;
};
