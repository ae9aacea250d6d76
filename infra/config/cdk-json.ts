import { readFileSync } from 'node:fs';
import { isObject } from './context.ts';
import { ConfigError } from './error.ts';
import { jsonMistake } from './json-mistake.ts';
import { ROOT } from './root.ts';

const FILE = new URL('../../cdk.json', import.meta.url);

/**
 * The `context` of the project's cdk.json: feature flags and the configuration.
 *
 * @param text of the file
 * @throws {ConfigError} when the file is missing, cannot be read as JSON, or has the configuration
 *   outside the context, where nobody would read it
 */
export function cdkJsonContext(text: string = read()): Record<string, unknown> {
  const content: unknown = parsed(text);
  if (!isObject(content)) throw new ConfigError(['cdk.json: must be an object, {"context": {…}}']);
  const { context, ...others } = content;
  if (ROOT in others) {
    throw new ConfigError([`cdk.json: "${ROOT}" stands next to "context"; move it into "context"`]);
  }
  if (!isObject(context)) {
    throw new ConfigError([`cdk.json: "context" must be an object, {"${ROOT}": {…}}`]);
  }
  return context;
}

function read(): string {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      code === 'ENOENT'
        ? 'cdk.json: missing from the project\'s folder; "git checkout cdk.json" brings it back'
        : `cdk.json: cannot be read (${code})`,
    ]);
  }
}

function parsed(text: string): unknown {
  // Windows editors put a byte order mark in front, and the CDK CLI reads past it, too.
  const json = text.replace(/^\uFEFF/, '');
  const mistake = jsonMistake(json);
  if (mistake === undefined) return JSON.parse(json);
  const { what, line, column } = mistake;
  throw new ConfigError([`cdk.json: line ${line}, column ${column}: ${what}`]);
}
