import { createHash, randomUUID } from 'node:crypto';
import type { Expression } from 'jsonata';

const ALGORITHMS: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** More numbers than data may hold. */
const LONGEST_RANGE = 1_000_000;

/**
 * What Step Functions adds to JSONata, and `$random`, which takes a seed there. The same seed gives the
 * same number, though not AWS's own. What is undefined stays undefined, as in JSONata's functions.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function addFunctions(expression: Expression): void {
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:a>');
  expression.registerFunction('hash', hash, '<xs:s>');
  expression.registerFunction('random', random, '<n?:n>');
  expression.registerFunction('uuid', () => randomUUID(), '<:s>');
  expression.registerFunction('parse', parse, '<s:x>');
}

function partition(items: unknown[] | undefined, size: number): unknown[][] | undefined {
  if (!Number.isInteger(size) || size < 1)
    throw new Error('$partition: the size must be 1 or more');
  return (
    items &&
    Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
      items.slice(index * size, (index + 1) * size),
    )
  );
}

/** A sequence in JSONata's sense: one number alone is that number, as AWS has it. */
function range(first: number, last: number, step: number): number[] {
  const length = Math.max(Math.floor((last - first) / step) + 1, 0);
  if (!(length <= LONGEST_RANGE)) throw new Error('$range: the range has no end or is too long');
  const numbers = Array.from({ length }, (_, index) => first + index * step);
  return Object.defineProperty(numbers, 'sequence', { value: true });
}

function hash(data: unknown, name: string): string | undefined {
  const algorithm = ALGORITHMS[name];
  if (!algorithm)
    throw new Error(`$hash: the algorithm must be ${Object.keys(ALGORITHMS).join(', ')}`);
  if (data === undefined) return undefined;
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(algorithm).update(text).digest('hex');
}

function random(seed?: number): number {
  if (seed === undefined) return Math.random();
  return createHash('sha256').update(String(seed)).digest().readUIntBE(0, 6) / 2 ** 48;
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own sentence would quote the text.
    throw new Error('$parse: the string is not JSON');
  }
}
