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
exchange.evaluate = () => settleOn(kindOf);

/** The same for an expression whose results are the events: they stand in `value`, as JSON. */
exchange.list = () => settleOn(listOf);

/** @typedef {{ kind: string, value?: unknown, more?: number }} Result */

/** @param {(value: unknown) => Result} resultOf */
function settleOn(resultOf) {
  settle({ kind: 'error' });
  try {
    const { event, ...bindings } = held;
    expressionOf(exchange.text)
      .evaluate(event, bindings)
      .then(
        (/** @type {unknown} */ value) => settle(resultOf(value)),
        () => settle({ kind: 'error' }),
      );
  } catch {
    // It does not compile: an error, as it says already.
  }
}

/** @param {string} text */
function expressionOf(text) {
  let expression = compiled.get(text);
  if (!expression) {
    expression = jsonata(text, { sequence: MAX_SEQUENCE, stack: MAX_DEPTH });
    for (const [name, known] of functions) expression.assign(name, known);
    compiled.set(text, expression);
  }
  return expression;
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
 * Of several results the first that can be used stands for all; `more` says how many others could.
 * @param {unknown[]} list
 * @returns {Result}
 */
function firstOf(list) {
  const [first, ...others] = new Set(list.filter((item) => !isNothing(item)));
  const result = kindOf(first);
  const isText = typeof first === 'string' || typeof first === 'number';
  if (result.kind === 'missing') return result;
  return isText ? { ...result, more: others.length } : { kind: 'wrong_type' };
}

/** @param {unknown} value @returns {Result} */
function listOf(value) {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return { kind: 'value', value: JSON.stringify(list) };
}

/** @param {unknown} value */
function isNothing(value) {
  return value === undefined || value === null || (typeof value === 'string' && !value.trim());
}
