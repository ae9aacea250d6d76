// The inside of the expressions' context (see expression.ts): a script next to JSONata's,
// with nothing of Node. Only text, numbers and booleans pass through `exchange`, no object does.

/** A longer result is an error: an address has 254 characters, a reference 64. */
const MAX_TEXT = 1000;
/** More than any event's lists have, and little memory. */
const MAX_SEQUENCE = 10_000;
const MAX_DEPTH = 500;

const jsonata = /** @type {any} */ (globalThis).jsonata;
/** @type {Record<string, any>} */
const exchange = globalThis;
/** @type {Map<string, any>} */
const compiled = new Map();
/** @type {{ event?: unknown, body?: unknown, headers?: unknown }} */
const held = {};

/**
 * What goes over a whole text in a single step, which no time limit interrupts: with 2^28 characters,
 * which an expression has after doubling a text 28 times, each takes a second or more.
 */
const OVER_TEXT = [
  ...['string', 'length', 'substring', 'substringBefore', 'substringAfter', 'uppercase'],
  ...['lowercase', 'trim', 'pad', 'contains', 'split', 'join', 'match', 'replace', 'number'],
  ...['base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl', 'decodeUrlComponent'],
  ...['decodeUrl', 'parseInteger', 'formatInteger', 'formatNumber', 'toMillis', 'fromMillis'],
];
/** More characters than all texts of most deliveries together. */
const MAX_TEXTS = 1_000_000;

/**
 * JSONata's own functions by name, those over texts with a limit to them.
 * @type {Map<string, any>}
 */
const functions = new Map();
jsonata(`[${OVER_TEXT.map((name) => `$${name}`)}]`)
  .evaluate()
  .then((/** @type {any[]} */ known) => {
    for (const [index, name] of OVER_TEXT.entries())
      functions.set(name, limited(name, known[index]));
    // What an event says would be run as an expression.
    functions.set('eval', undefined);
  });

/** @param {string} name @param {any} known a function as JSONata keeps it */
function limited(name, known) {
  const { implementation } = known;
  return {
    ...known,
    // By which JSONata decides what it passes to a function that goes over a list.
    arity: implementation.length,
    /** @this {unknown} @param {unknown[]} args */
    implementation(...args) {
      const width = name === 'pad' ? Math.abs(Number(args[1])) : 0;
      if (width > MAX_TEXT || charactersIn(args) > MAX_TEXTS) throw new Error('too long');
      return implementation.apply(this, args);
    },
  };
}

/**
 * @param {unknown} value
 * @returns {number} the characters of all texts in it, counted until there are too many
 */
function charactersIn(value) {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const member of Object.values(value)) {
    sum += charactersIn(member);
    if (sum > MAX_TEXTS) break;
  }
  return sum;
}

/** Takes over `json` as the event, the body or the headers. */
exchange.hold = (/** @type {'event' | 'body' | 'headers'} */ name) => {
  held[name] = JSON.parse(exchange.json);
};

/** Evaluates `text`; leaves `kind`, and a result that can be used as `value`. */
exchange.evaluate = () => settleOn(MAX_SEQUENCE, kindOf);

/** The same for an expression whose results are the events: they stand in `value`, as JSON. */
exchange.list = () => settleOn(Number.POSITIVE_INFINITY, listOf);

/**
 * Tries the rules of `text` on the events of `json`, one after the other, and begins with no other
 * event after `until`. Leaves in `value`, as JSON, what each expression came to on each event.
 */
exchange.evaluateAll = async () => {
  const rules = JSON.parse(exchange.text);
  const results = [];
  exchange.value = '[]';
  for (const event of JSON.parse(exchange.json)) {
    held.event = event;
    results.push(await tryAll(rules));
    if (Date.now() > exchange.until) break;
  }
  exchange.value = JSON.stringify(results);
};

/**
 * @param {{ when: string, fields: string[] }[]} rules
 * @returns {Promise<[text: string, result: Result][]>}
 */
async function tryAll(rules) {
  /** @type {Map<string, Result>} */
  const results = new Map();
  const resultOfOne = async (/** @type {string} */ text) => {
    const result = results.get(text) ?? (await resultOf(text, MAX_SEQUENCE, kindOf));
    results.set(text, result);
    return result;
  };
  for (const { when, fields } of rules) {
    if ((await resultOfOne(when)).value !== true) continue;
    for (const text of fields) await resultOfOne(text);
  }
  return [...results];
}

/** @typedef {{ kind: string, value?: unknown, more?: number }} Result */

/** @param {number} sequence @param {(value: unknown) => Result} read */
async function settleOn(sequence, read) {
  settle({ kind: 'error' });
  settle(await resultOf(exchange.text, sequence, read));
}

/**
 * @param {string} text
 * @param {number} sequence
 * @param {(value: unknown) => Result} read
 * @returns {Promise<Result>} never rejected
 */
async function resultOf(text, sequence, read) {
  try {
    const { event, ...bindings } = held;
    return read(await expressionOf(text, sequence).evaluate(event, bindings));
  } catch {
    return { kind: 'error' }; // one that does not compile, too
  }
}

/** @param {string} text @param {number} sequence how long a list in it may become */
function expressionOf(text, sequence) {
  const key = `${sequence} ${text}`;
  let expression = compiled.get(key);
  if (!expression) {
    expression = jsonata(text, { sequence, stack: MAX_DEPTH });
    passOverNulls(expression.ast());
    for (const [name, known] of functions) expression.assign(name, known);
    compiled.set(key, expression);
  }
  return expression;
}

/** A filter as it stands in an expression's tree. */
const NOT_NULL = { type: 'filter', expr: jsonata('$ != null').ast() };

/**
 * An item of a list that is null keeps its place there. In a list that the expression itself makes of
 * several fields, as `[otherMails, mail][0]` does, it is as missing as a field that is null.
 * @param {any} node of an expression's tree
 */
function passOverNulls(node) {
  if (typeof node !== 'object' || node === null) return;
  for (const part of Object.values(node)) passOverNulls(part);
  const isListOfOwn = node.type === 'unary' && node.value === '[';
  if (isListOfOwn) (node.predicate ?? node.stages)?.unshift(NOT_NULL);
}

/** @param {Result} result */
function settle({ kind, value, more = 0 }) {
  exchange.kind = kind;
  exchange.value = value;
  exchange.more = more;
}

/** @param {unknown} value @returns {Result} */
function kindOf(value) {
  if (Array.isArray(value)) return firstOf(value);
  if (isNothing(value)) return { kind: 'missing' };
  if (typeof value === 'string' && value.length > MAX_TEXT) return { kind: 'too_long' };
  const isUsable =
    typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isUsable ? { kind: 'value', value } : { kind: 'wrong_type' };
}

/**
 * Of several results the first text or number stands for all; `more` says how many others there are.
 * @param {unknown[]} list
 * @returns {Result}
 */
function firstOf(list) {
  const given = list.filter((item) => !isNothing(item));
  const isUsable = (/** @type {unknown} */ item) => ['string', 'number'].includes(typeof item);
  const [first, ...others] = new Set(given.filter(isUsable));
  if (first === undefined) return { kind: given.length === 0 ? 'missing' : 'wrong_type' };
  return { ...kindOf(first), more: others.length };
}

/** @param {unknown} value @returns {Result} */
function listOf(value) {
  const list = Array.isArray(value) ? value : [value];
  return { kind: 'value', value: JSON.stringify(list.filter((item) => !isNothing(item))) };
}

/** @param {unknown} value */
function isNothing(value) {
  return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}
