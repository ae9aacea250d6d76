import { createHash, randomUUID } from 'node:crypto';
import jsonata, { type Expression } from 'jsonata';

/** What a field is evaluated with. */
export type Around = {
  /** What an expression may refer to: `states`, and the variables by their names. */
  bindings: Record<string, unknown>;
  /** Throws what a field ends with that has no value. @param location as in `Output/result` */
  fail: (location: string, what: string) => never;
};

/** An expression that loops would otherwise hold up the whole run. In milliseconds, and in nested calls. */
const LIMITS = { timeout: 10_000, stack: 500 };

/** More numbers than data may hold. */
const LONGEST_RANGE = 1_000_000;

const compiled = new Map<string, Expression>();

/** @throws Error, in JSONata's words, for what is not JSONata */
export function compile(text: string): Expression {
  const known = compiled.get(text);
  if (known) return known;
  const expression = jsonata(text, LIMITS);
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a>');
  expression.registerFunction('hash', hash, '<xs:s>');
  expression.registerFunction('random', random, '<n?:n>');
  expression.registerFunction('uuid', () => randomUUID(), '<:s>');
  expression.registerFunction('parse', parse, '<s:x>');
  compiled.set(text, expression);
  return expression;
}

// What Step Functions adds to JSONata, and `$random`, which takes a seed there. The same seed gives the
// same number, though not AWS's own. What is undefined stays undefined, as in JSONata's functions:
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

function partition(items: unknown[] | undefined, size: number): unknown {
  if (!(Number.isInteger(size) && size > 0))
    throw new Error('$partition: the size must be 1 or more');
  const starts = items && range(0, items.length - 1, size);
  return starts?.map((start) => items?.slice(start, start + size));
}

/** A sequence in JSONata's sense: one number alone is that number, as AWS has it. */
function range(first: number, last: number, step: number): number[] {
  const length = Math.max(Math.floor((last - first) / step) + 1, 0);
  if (!(length <= LONGEST_RANGE)) throw new Error('$range: the range has no end or is too long');
  const numbers = Array.from({ length }, (_, index) => first + index * step);
  return Object.defineProperty(numbers, 'sequence', { value: true });
}

function hash(data: unknown, name: string): string | undefined {
  const known = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
  if (!known.includes(name)) throw new Error(`$hash: the algorithm must be ${known.join(', ')}`);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return text === undefined ? text : createHash(name.replace('-', '')).update(text).digest('hex');
}

function random(seed?: number): number {
  if (seed === undefined) return Math.random();
  return createHash('sha256').update(String(seed)).digest().readUIntBE(0, 6) / 2 ** 48;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    // The parser's own sentence would quote the text.
    throw new Error('$parse: the string is not JSON');
  }
}

/** The text between `{%` and `%}`; undefined for a string that is itself. */
export function expressionIn(value: unknown): string | undefined {
  return typeof value === 'string' ? /^\{%(.*)%\}$/s.exec(value)?.[1]?.trim() : undefined;
}

/** The value of a field: every string in it that is an expression is evaluated. */
export async function evaluate(template: unknown, field: string, around: Around): Promise<unknown> {
  const text = expressionIn(template);
  if (text === undefined) {
    if (typeof template !== 'object' || template === null) return template;
    const parts: [string, unknown][] = [];
    for (const [key, value] of Object.entries(template)) {
      parts.push([key, await evaluate(value, `${field}/${key}`, around)]);
    }
    return Array.isArray(template) ? parts.map(([, value]) => value) : Object.fromEntries(parts);
  }
  const expression = `The JSONata expression '${text}' specified for the field '${field}'`;
  const { bindings, fail }: Around = around;
  let value: unknown;
  try {
    value = await compile(text).evaluate(undefined, bindings);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const why = code ? `${code}: ${message}` : message;
    fail(field, `${expression} threw an error during evaluation. ${why}`);
  }
  if (value === undefined) fail(field, `${expression} returned nothing (undefined).`);
  // A copy: states share no data, and JSONata marks its lists.
  const copy = JSON.stringify(value, (_, part) => {
    const isFunction =
      typeof part === 'function' || part?._jsonata_function || part?._jsonata_lambda;
    return isFunction ? fail(field, `${expression} returned an unsupported result type.`) : part;
  });
  return JSON.parse(copy);
}
