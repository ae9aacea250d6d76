import type { ExprNode } from 'jsonata';

/**
 * The functions of JSONata. The library itself does not tell them; a test holds it against this list.
 * Source: https://docs.jsonata.org/overview, "Function Library".
 */
export const JSONATA_FUNCTIONS = [
  ...['string', 'length', 'substring', 'substringBefore', 'substringAfter', 'uppercase'],
  ...['lowercase', 'trim', 'pad', 'contains', 'split', 'join', 'match', 'replace', 'eval'],
  ...['base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl'],
  ...['decodeUrlComponent', 'decodeUrl'],
  ...['number', 'abs', 'floor', 'ceil', 'round', 'power', 'sqrt', 'random'],
  ...['formatNumber', 'formatBase', 'formatInteger', 'parseInteger'],
  ...['sum', 'max', 'min', 'average', 'boolean', 'not', 'exists'],
  ...['count', 'append', 'sort', 'reverse', 'shuffle', 'distinct', 'zip'],
  ...['keys', 'lookup', 'spread', 'merge', 'sift', 'each', 'error', 'assert', 'type', 'clone'],
  ...['now', 'millis', 'fromMillis', 'toMillis', 'map', 'filter', 'single', 'reduce'],
];

/** `$`, `$$`, and what the door adds. */
const GIVEN = ['', '$', 'body', 'headers'];
/** What the door takes away: it would run a text of the event as an expression. */
const TAKEN = ['eval'];

/**
 * Finds a name that JSONata would look up in vain: called, it is an error on every event, and anywhere
 * else it is nothing, so that either way the rule never takes one.
 *
 * @param ast of an expression.
 * @returns a `$name` that is neither JSONata's nor made by the expression itself.
 */
export function unknownName(ast: ExprNode): string | undefined {
  const used: string[] = [];
  const known = new Set([...JSONATA_FUNCTIONS, ...GIVEN].filter((name) => !TAKEN.includes(name)));
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value, lhs, arguments: parameters, focus, index, ...rest } = node as Node;
    if (type === 'variable') used.push(value as string);
    if (type === 'bind') known.add((lhs as Node).value as string);
    if (type === 'lambda') for (const parameter of parameters ?? []) known.add(parameter.value);
    // `@$name` and `#$name` of a step in a path.
    for (const name of [focus, index]) if (typeof name === 'string') known.add(name);
    for (const part of [lhs, parameters, ...Object.values(rest)]) visit(part);
  };
  visit(ast);
  return used.find((name) => !known.has(name));
}

/** @returns whether something is compared with null or an empty text, which no event has. */
export function comparesNothing(ast: ExprNode): boolean {
  const isNothing = (node: unknown) => {
    const { type, value } = (node ?? {}) as Node;
    return (type === 'value' && value === null) || (type === 'string' && value === '');
  };
  const visit = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return false;
    const { type, value, lhs, rhs } = node as Node;
    if (type === 'binary' && value === '=' && (isNothing(lhs) || isNothing(rhs))) return true;
    return Object.values(node).some(visit);
  };
  return visit(ast);
}

type Node = {
  type?: string;
  value?: unknown;
  lhs?: unknown;
  rhs?: unknown;
  arguments?: { value: string }[];
  focus?: unknown;
  index?: unknown;
};
