import { type Delivery, headerOf, UnreadableDelivery } from './delivery.ts';
import { parseForm, parseMultipart } from './parse-form.ts';
import { parseJson, parseJsonOrLines } from './parse-json.ts';
import type { Provider } from './provider.ts';

/**
 * Reads the body of a delivery that is not compressed.
 * @returns an object or a list.
 * @throws UnreadableDelivery
 */
export const parseBody = async (
  { body: kind }: Pick<Provider, 'body'>,
  delivery: Delivery,
): Promise<object> => {
  const value = await parseAs(kind, delivery);
  if (typeof value !== 'object' || value === null) throw new UnreadableDelivery('not_an_object');
  return value;
};

const parseAs = async (kind: Provider['body'], delivery: Delivery): Promise<unknown> => {
  const type = headerOf(delivery, 'content-type') ?? '';
  if (kind === 'any' && isType(type, 'multipart/form-data')) {
    return parseMultipart(delivery.body, type);
  }
  const text = decode(delivery.body);
  // Tools that send JSON and call it a form, for want of a setting, are many (curl's -d is one).
  const isForm = isType(type, 'application/x-www-form-urlencoded') && !/^\s*[[{]/.test(text);
  if (kind !== 'json' && isForm) return parseForm(text);
  return kind === 'any' ? parseJsonOrLines(text) : parseJson(text);
};

const isType = (header: string, type: string): boolean =>
  header.split(';')[0]?.trim().toLowerCase() === type;

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableDelivery('invalid_utf8');
  }
};
