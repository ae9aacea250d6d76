import { type Delivery, headerOf, UnreadableDelivery } from './delivery.ts';
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

/** One place in a form: all values that were given for it, or the places within it. */
type Place = Given | Map<string, Place>;
type Given = { given: unknown[] };

/**
 * Reads a form as HTML and PHP have it, without prototypes: `data[employeeId]=7` is the field
 * `employeeId` of `data`, `tags[]=a` and `tags[0]=a` are a list. A field that is given several times
 * is the list of its values, and one whose whole value is an object or a list in JSON is that.
 *
 * @throws UnreadableDelivery
 */
const parseForm = (text: string): object => fieldsOf(new URLSearchParams(text));

/**
 * The same for `multipart/form-data`. Files are passed over.
 * @throws UnreadableDelivery
 */
const parseMultipart = async (bytes: Buffer, contentType: string): Promise<object> => {
  let form: FormData;
  try {
    // Node loads its parser when it is first used, so that nobody else waits for it.
    form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new UnreadableDelivery('invalid_form');
  }
  return fieldsOf(
    [...form].filter((field): field is [string, string] => !(field[1] instanceof File)),
  );
};

const fieldsOf = (pairs: Iterable<[name: string, value: string]>): object => {
  const root = new Map<string, Place>();
  for (const [name, text] of pairs) {
    const steps = stepsOf(name);
    if (steps.length > MAX_DEPTH) throw new UnreadableDelivery('too_deep');
    if (steps.includes('__proto__')) continue;
    const value = readValue(text);
    // Where two names contradict each other, `a` and `a[b]`, the second one stands as it is written.
    const isPut = put(root, steps, value) || put(root, [name], value);
    if (!isPut) put(root, [name, ''], value);
  }
  return Object.assign(Object.create(null), Object.fromEntries(membersOf(root)));
};

const stepsOf = (name: string): string[] => {
  const [, first = name, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? [];
  return [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, step = '']) => step)];
};

/** @returns whether there is room for it where the steps lead. */
const put = (root: Map<string, Place>, steps: readonly string[], value: unknown): boolean => {
  let place: Place | undefined = root;
  for (const [index, step] of steps.entries()) {
    if (!(place instanceof Map)) return false;
    // `[]` is the next item of a list.
    const key: string = step === '' ? String(place.size) : step;
    const next: Place | undefined = place.get(key);
    const isLast = index === steps.length - 1;
    if (next === undefined) place.set(key, isLast ? { given: [value] } : new Map());
    else if (isLast && next instanceof Map) return false;
    else if (isLast) (next as Given).given.push(value);
    place = place.get(key);
  }
  return true;
};

const readValue = (text: string): unknown => {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
};

const built = (place: Place): unknown => {
  if (!(place instanceof Map)) return place.given.length === 1 ? place.given[0] : place.given;
  const members = membersOf(place);
  const isList = members.every(([key], index) => key === String(index));
  if (isList) return members.map(([, member]) => member);
  return Object.assign(Object.create(null), Object.fromEntries(members));
};

const membersOf = (place: Map<string, Place>): [string, unknown][] =>
  [...place].map(([key, member]) => [key, built(member)]);

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
const parseJsonOrLines = (text: string): unknown => {
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
