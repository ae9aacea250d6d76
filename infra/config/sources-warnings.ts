import jsonata from 'jsonata';
import { nearest } from '../../functions/lib/text.ts';
import { listed } from '../../functions/webhooks/events.ts';
import { PROVIDERS, type ProviderName } from '../../functions/webhooks/providers.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { samplesOf } from './sources-samples.ts';

/** A rule that synth takes, and that may never take an event. */
export type SourceWarning = { path: string; message: string };

/**
 * Looks for what is written into a condition by mistake and is no mistake of the language: a field
 * that the provider does not send, and a text without quotes, which is a field too.
 */
export const sourceWarnings = (
  sources: Readonly<Record<string, Pick<HrSource, 'provider' | 'rules'>>>,
): SourceWarning[] =>
  Object.entries(sources).flatMap(([name, { provider, rules }]) =>
    rules.flatMap(({ when }, index) =>
      conditionWarnings(when, provider).map((message) => ({
        path: `slackConnectInvites.sources.${name}.rules.${index}.when`,
        message,
      })),
    ),
  );

/**
 * @param provider whose samples the condition is held against.
 * @param delivered events of a delivery that it is held against, too.
 * @returns what may be wrong with the condition, each in a sentence.
 */
export const conditionWarnings = (
  when: string,
  provider: ProviderName,
  delivered: readonly unknown[] = [],
): string[] => {
  const ast = jsonata(when).ast() as Node;
  const samples = samplesOf(provider);
  const events = [
    ...samples.flatMap((sample) => listed(PROVIDERS[provider], sample)),
    ...delivered,
  ];
  if (events.length === 0) return [...new Set(bareWords(ast).map(quotesMissing))];

  const without = (path: string) =>
    delivered.length > 0
      ? `this delivery has no ${path}`
      : `no sample of "${provider}" has ${path}`;
  const missing = [...new Set(missingPaths(ast, events))];
  if (missing.length === 0) {
    return isBareWord(ast) && !isTruth(events, ast) ? [quotesMissing(wordOf(ast))] : [];
  }
  return missing.map((path) => {
    const close = nearest(path, namesIn(events));
    const isWord = !path.includes('.');
    const meant = close ? `did you mean ${close}?` : isWord && quotesMissing(path);
    return [without(path), meant].filter(Boolean).join('; ');
  });
};

const quotesMissing = (word: string) =>
  `${word} is read as a field; a text has quotes, such as type = "${word}"`;

type Node = {
  type?: string;
  value?: unknown;
  steps?: Node[];
  stages?: { expr?: Node }[];
  predicate?: { expr?: Node }[];
  procedure?: Node;
  arguments?: Node[];
  lhs?: unknown;
  rhs?: unknown;
};

/** The names of an event's own fields. */
const namesIn = (events: readonly unknown[]): string[] => [
  ...new Set(events.filter(isRecord).flatMap((event) => Object.keys(event))),
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isBareWord = ({ type, steps = [], predicate }: Node): boolean =>
  type === 'path' &&
  steps.length === 1 &&
  steps[0]?.type === 'name' &&
  !predicate &&
  !steps[0].stages;

const wordOf = ({ steps }: Node): string => String(steps?.[0]?.value);

const isTruth = (values: unknown[], ast: Node): boolean =>
  valuesAt(values, wordOf(ast)).some((value) => typeof value === 'boolean');

/** The whole condition, or what something is compared with: there a text is meant more often. */
const bareWords = (ast: Node): string[] => {
  const found: string[] = isBareWord(ast) ? [wordOf(ast)] : [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value, rhs } = node as Node;
    if (type === 'binary' && ['=', '!=', 'in'].includes(String(value))) {
      const right = rhs as Node & { expressions?: Node[] };
      for (const side of right?.type === 'unary' ? (right.expressions ?? []) : [right]) {
        if (side && isBareWord(side)) found.push(wordOf(side));
      }
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(ast);
  return found;
};

/** Fields whose own fields each company names for itself. */
const OPEN = ['fields', 'custom_fields'];

/**
 * @param values what the condition is tried on.
 * @returns the paths of names that lead to nothing in any of them. What $exists tests may be
 *   missing, and what stands behind a function or a variable is not known.
 */
const missingPaths = (ast: Node, values: unknown[]): string[] => {
  const missing: string[] = [];

  const visitPath = (steps: Node[], values: unknown[]): void => {
    let known = values;
    const walked: string[] = [];
    for (const { type, value, stages = [], predicate = [] } of steps) {
      // A company names these itself.
      if (type !== 'name' || OPEN.includes(walked.at(-1) ?? '')) return;
      walked.push(String(value));
      known = valuesAt(known, String(value));
      if (known.length === 0) {
        missing.push(walked.join('.'));
        return;
      }
      for (const { expr } of [...stages, ...predicate]) visit(expr, known);
    }
  };

  const visit = (node: unknown, known: unknown[]): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, known);
      return;
    }
    const { type, steps, procedure, arguments: parameters } = node as Node;
    if (type === 'path') {
      visitPath(steps ?? [], known);
    } else if (type === 'function') {
      if (procedure?.value !== 'exists') visit(parameters, known);
    } else if (type !== 'lambda') {
      // What a function of one's own is called with has names of its own.
      for (const part of Object.values(node)) visit(part, known);
    }
  };

  visit(ast, values);
  // What $exists tests may be used beside it.
  const asked = askedFor(ast);
  return missing.filter((path) => !asked.includes(path));
};

const askedFor = (ast: Node): string[] => {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, procedure, arguments: [asked] = [] } = node as Node;
    if (type === 'function' && procedure?.value === 'exists') {
      found.push((asked?.steps ?? []).map(({ value }) => String(value)).join('.'));
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(ast);
  return found;
};

/** Paths lead through lists. Null is there: it is a field that somebody else has a value in. */
const valuesAt = (values: unknown[], name: string): unknown[] =>
  values
    .flat(Number.POSITIVE_INFINITY)
    .flatMap((value) => (isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : []));
