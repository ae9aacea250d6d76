import { type Delivery, headerOf, UnreadableDelivery } from './delivery.ts';
import type { Provider } from './provider.ts';

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

/** Far more than any provider nests, far less than what overflows a stack. */
const MAX_DEPTH = 64;

/**
 * Parses JSON into plain data without prototypes, so that no field reaches anything but data. A
 * field named `__proto__` is dropped: copying the object would set a prototype.
 *
 * A whole number that a double cannot hold stays the text that it was: rounded, an id would be
 * somebody else's.
 *
 * @throws UnreadableDelivery
 */
export const parseJson = (text: string): unknown => {
  if (depthOf(text) > MAX_DEPTH) throw new UnreadableDelivery('too_deep');
  try {
    return (JSON.parse as ParseWithSource)(text, inert);
  } catch {
    throw new UnreadableDelivery('invalid_json');
  }
};

/** Node tells a reviver the source text of a number, which TypeScript does not know of yet. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;

const inert = (key: string, value: unknown, { source }: { source?: string }): unknown => {
  // Undefined deletes the field.
  if (key === '__proto__') return undefined;
  if (typeof value === 'number') return exact(value, source);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null), value);
};

const exact = (value: number, source = ''): number | string =>
  Number.isSafeInteger(value) || !/^-?\d+$/.test(source) ? value : source;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_LIST, OPEN_OBJECT] = [0x5b, 0x7b];
const [CLOSE_LIST, CLOSE_OBJECT] = [0x5d, 0x7d];

/** How deep lists and objects nest, found without recursion and before anything is built. */
const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted && code === BACKSLASH) at++;
    else if (code === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return deepest;
};
