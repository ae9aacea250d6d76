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
/** @type {{ event?: unknown, body?: unknown }} */
const held = {};

/** @type {(text: string, width: number, filler?: string) => string} */
let unlimitedPad;
jsonata('$pad')
  .evaluate()
  .then((/** @type {any} */ pad) => {
    unlimitedPad = pad.implementation;
  });

/**
 * The one function that takes gigabytes in a single step, which no time limit interrupts.
 * @type {typeof unlimitedPad}
 */
function pad(text, width, filler) {
  if (Math.abs(width) > MAX_TEXT) throw new Error('too wide');
  return unlimitedPad(text, width, filler);
}

/** Takes over `json` as the event or the body. */
exchange.hold = (/** @type {'event' | 'body'} */ name) => {
  held[name] = JSON.parse(exchange.json);
};

/** Evaluates `text`; leaves `kind`, and a result that can be used as `value`. */
exchange.evaluate = () => {
  settle('error');
  try {
    expressionOf(exchange.text)
      .evaluate(held.event, { body: held.body })
      .then(
        (/** @type {unknown} */ value) => settle(kindOf(value), value),
        () => settle('error'),
      );
  } catch {
    // It does not compile: an error, as it says already.
  }
};

/** @param {string} text */
function expressionOf(text) {
  let expression = compiled.get(text);
  if (!expression) {
    expression = jsonata(text, { sequence: MAX_SEQUENCE, stack: MAX_DEPTH });
    expression.registerFunction('pad', pad, '<s-ns?:s>');
    compiled.set(text, expression);
  }
  return expression;
}

/** @param {string} kind @param {unknown} [value] */
function settle(kind, value) {
  exchange.kind = kind;
  exchange.value = kind === 'value' ? value : undefined;
}

/** @param {unknown} value */
function kindOf(value) {
  if (value === undefined || value === null) return 'missing';
  if (typeof value === 'string') return value.length > MAX_TEXT ? 'too_long' : 'value';
  return typeof value === 'boolean' || Number.isFinite(value) ? 'value' : 'wrong_type';
}
