import { UnreadableDelivery } from './delivery.ts';

/** Far more than any provider nests, far less than what overflows a stack. */
export const MAX_DEPTH = 64;

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

/** A line break within a text is written `\n`, so each line of JSON lines is whole. */
const LINE_BREAK = /\r?\n/;

/**
 * Parses JSON, or JSON lines: one value a line, as senders of logs have it. What is one value is
 * that, however many lines it has.
 *
 * @throws UnreadableDelivery
 */
export const parseJsonOrLines = (text: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    const [first = '', ...others] = text.split(LINE_BREAK).filter((line) => line.trim());
    // JSON that is wrong has no first line that is an object by itself.
    if (others.length === 0 || !isObject(first)) throw error;
    return [first, ...others].map((line) => parseJson(line));
  }
};

const isObject = (text: string): boolean => {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
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
