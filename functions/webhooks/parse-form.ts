import { UnreadableDelivery } from './delivery.ts';
import { MAX_DEPTH, parseJson } from './parse-json.ts';

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
export const parseForm = (text: string): object => fieldsOf(new URLSearchParams(text));

/**
 * The same for `multipart/form-data`. Files are passed over.
 * @throws UnreadableDelivery
 */
export const parseMultipart = async (bytes: Buffer, contentType: string): Promise<object> => {
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
