import { ConfigError } from './error.ts';
import { jsonMistake } from './json-mistake.ts';
import { ROOT } from './root.ts';

type Json = Record<string, unknown>;

/**
 * The configuration as it was written, before anything is checked: the object under
 * `slackConnectInvites`, with each flat key `slackConnectInvites.<path>` merged in. The flat keys
 * are what `-c slackConnectInvites.ratePerMinute=40` makes, in the CDK CLI as here.
 *
 * @param context context as the CDK keeps it; values of the command line are strings
 * @returns undefined when the object itself is missing
 * @throws {ConfigError} with every value that starts as JSON does but is not valid: a mistake in quoting
 */
export function writtenConfig(context: Json): unknown {
  const unreadable = Object.entries(context).flatMap(([key, value]) => {
    const problem = key === ROOT || key.startsWith(`${ROOT}.`) ? unreadableJson(value) : undefined;
    return problem === undefined ? [] : [`${key}: ${problem}`];
  });
  if (unreadable.length > 0) throw new ConfigError(unreadable);
  let config = structuredClone(parsed(context[ROOT]));
  if (config === undefined) return undefined;
  for (const [key, value] of Object.entries(context)) {
    if (key.startsWith(`${ROOT}.`)) {
      config = withValue(config, key.slice(ROOT.length + 1).split('.'), parsed(value));
    }
  }
  return config;
}

function withValue(target: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  // Own properties only, by definition and not by assignment: a path of `__proto__` stays a key
  // like any other, which the schema then does not know.
  const object: Json = isObject(target) ? { ...target } : {};
  const inner = withValue(Object.hasOwn(object, key) ? object[key] : undefined, rest, value);
  return Object.defineProperty(object, key, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function unreadableJson(value: unknown): string | undefined {
  const [, first] = typeof value === 'string' ? (/^\s*([[{])/.exec(value) ?? []) : [];
  const mistake = first && jsonMistake(value as string);
  if (!mistake) return undefined;
  const { what, character } = mistake;
  return `starts with ${first} but is not valid JSON, at character ${character}: ${what}; on a command line, put the whole of key=value into single quotes`;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
