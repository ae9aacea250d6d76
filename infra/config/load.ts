import * as z from 'zod';
import { nearest } from '../../functions/lib/text.ts';
import { writtenConfig } from './context.ts';
import { ConfigError } from './error.ts';
import { RETIRED, withoutRetired } from './policy-retired.ts';
import { ROOT } from './root.ts';
import { type Config, configSchema } from './schema.ts';

const LONGEST_QUOTE = 120;

/**
 * The checked configuration, defaults filled in.
 *
 * @param context context as the CDK keeps it: the object `slackConnectInvites` of cdk.json, and a
 *   flat key `slackConnectInvites.<path>` for each `-c` of the command line
 * @throws {ConfigError} with all problems at once: each with the field's path, what was found and
 *   what is allowed
 */
export function loadConfig(context: Record<string, unknown>): Config {
  const written = writtenConfig(context);
  const strays = strayKeys(context);
  if (written === undefined) {
    throw new ConfigError([
      ...strays,
      `${ROOT}: missing; it belongs in cdk.json as {"context": {"${ROOT}": {"channels": {"C…": {"emailDomains": […]}}}}}`,
    ]);
  }
  const renewed = withoutRetired(written);
  const result = configSchema.safeParse(renewed.written, { reportInput: true });
  const found = result.success ? [] : result.error.issues.flatMap(problems);
  // One wrong value can break two bounds of one rule, and is one problem all the same.
  const all = [...new Set([...strays, ...renewed.problems, ...found])];
  if (!result.success || all.length > 0) throw new ConfigError(all);
  return result.data;
}

/** Context keys that were meant for this project, and that the CDK would ignore in silence. */
function strayKeys(context: Record<string, unknown>): string[] {
  const problems = Object.keys(context).flatMap((key) => {
    const [root = '', ...rest] = key.split('.');
    if (root === ROOT) return [];
    if (nearest(root, [ROOT])) return [`${root}: unknown context key; did you mean "${ROOT}"?`];
    // Letter for letter, since a context key that only resembles one of ours may be somebody else's.
    const own = Object.keys(configSchema.shape).find(
      (name) => name.toLowerCase() === root.toLowerCase(),
    );
    if (own === undefined && RETIRED.includes(root)) {
      return [`${key}: unknown context key; did you mean "${ROOT}.channels"?`];
    }
    if (own === undefined) return [];
    return [`${key}: unknown context key; did you mean "${[ROOT, own, ...rest].join('.')}"?`];
  });
  return [...new Set(problems)];
}

function problems(issue: z.core.$ZodIssue): string[] {
  const path = [ROOT, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(configSchema, issue.path);
    return issue.keys.map((key) =>
      key === ''
        ? `${path}.: no key after the dot; known are ${known.join(', ')}`
        : `${path}.${key}: unknown key; ${suggestion(key, known)}`,
    );
  }
  return [`${path}: found ${quote(issue.input, issue.path)}; allowed: ${issue.message}`];
}

/** The keys of the object that a path of the schema leads to. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  const [step, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    return step === undefined
      ? Object.keys(schema.shape)
      : knownKeys(schema.shape[String(step)], rest);
  }
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, rest);
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, rest);
  if (schema instanceof z.ZodPipe) return knownKeys(schema.out, path);
  return isWrapper(schema) ? knownKeys(schema.unwrap(), path) : [];
}

/** Optional, with a default, and the like. */
function isWrapper(schema: unknown): schema is { unwrap(): unknown } {
  return typeof (schema as { unwrap?: unknown })?.unwrap === 'function';
}

function suggestion(key: string, known: string[]): string {
  const close = nearest(key, known);
  return close ? `did you mean "${close}"?` : `known are ${known.join(', ')}`;
}

function quote(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  // Somebody will put the token into the first field that sounds like a secret, and the HR
  // system's key into the lookup's address or headers.
  if (/xox[a-z.]/.test(text)) return 'a Slack token (not shown; see "secretArn" for its place)';
  const [, , part, field] = path;
  const isAddress = field === 'url' || field === 'token';
  if (part === 'lookup' && (field === 'headers' || (isAddress && /[@=]/.test(text)))) {
    return 'what may hold a credential (not shown)';
  }
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
