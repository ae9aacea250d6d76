import { expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { OWN_CODES } from '../../functions/errors/codes.ts';
import { configSchema } from '../../infra/config/schema.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { read, rowsOf } from './markdown.ts';

/** The first cells of a document's tables that are one piece of code, without the backticks. */
const rowOf = (file: string) =>
  new Map(rowsOf(read(file)).map(([first = '', ...others]) => [first.replaceAll('`', ''), others]));

const { jwt, throttle, webhooks, observability, ...plain } = configSchema.shape;
const lifecycle = plain.lifecycle.out.unwrap().shape;
const { throttle: webhooksThrottle, ...webhooksPlain } = webhooks.unwrap().shape;
const KEYS = [
  ...Object.keys(plain),
  ...Object.keys(jwt.unwrap().shape).map((key) => `jwt.${key}`),
  ...Object.keys(lifecycle).map((key) => `lifecycle.${key}`),
  ...Object.keys(throttle.unwrap().shape).map((key) => `throttle.${key}`),
  ...Object.keys(observability.unwrap().shape).map((key) => `observability.${key}`),
  ...Object.keys(webhooksThrottle.unwrap().shape).map((key) => `webhooks.throttle.${key}`),
  ...Object.keys(webhooksPlain).map((key) => `webhooks.${key}`),
];

const { rules, lookup, ...source } = configSchema.shape.sources.unwrap().valueType.shape;
const { invite, ...rule } = rules.element.shape;
/** What a source has, by any name. What `auth` has is in webhook-providers.md. */
const SOURCE_KEYS = [
  ...Object.keys(source),
  ...Object.keys(rule).map((key) => `rules.*.${key}`),
  ...Object.keys(invite.shape).map((key) => `rules.*.invite.${key}`),
  ...Object.keys(lookup.unwrap().shape).map((key) => `lookup.${key}`),
].map((key) => `sources.*.${key}`);

const CHANNEL_KEYS = Object.keys(configSchema.shape.channels.unwrap().valueType.shape).map(
  (key) => `channels.*.${key}`,
);

test.each([...SOURCE_KEYS, ...CHANNEL_KEYS])('docs/configuration.md has a row for %s', (key) => {
  expect([...rowOf('docs/configuration.md').keys()]).toContain(key);
});

test.each(KEYS)('docs/configuration.md has a row for %s, with its default', (key) => {
  const defaults: Record<string, unknown> = configSchema.parse({});
  const value = key
    .split('.')
    .reduce<unknown>((object, part) => (object as Record<string, unknown>)?.[part], defaults);
  const shown = value === undefined ? 'none' : `\`${JSON.stringify(value)}\``;
  expect(rowOf('docs/configuration.md').get(key)?.at(-1)).toBe(shown);
});

test('docs/configuration.md has no key that there is not', () => {
  const known = ['Key', '---', ...KEYS, ...SOURCE_KEYS, ...CHANNEL_KEYS];
  expect([...rowOf('docs/configuration.md').keys()].filter((key) => !known.includes(key))).toEqual(
    [],
  );
});

test('docs/errors.md explains every code of our own, and no other', () => {
  const [, section = ''] = read('docs/errors.md').split('\n## Our own codes\n');
  const [, , ...rows] = rowsOf(section);
  expect(rows.map(([code = '']) => code.replaceAll('`', '')).sort()).toEqual(
    Object.keys(OWN_CODES).sort(),
  );
  for (const [, errorClass = ''] of rows) {
    expect(Object.keys(ERROR_CLASSES)).toContain(errorClass.replaceAll('`', ''));
  }
});

test('docs/architecture.md says what every dependency is for', () => {
  const { dependencies, devDependencies, optionalDependencies } = packageJson;
  const [, section = ''] = read('docs/architecture.md').split('\n## Dependencies\n');
  const named = rowsOf(section).flatMap(([names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  expect(named.sort()).toEqual(Object.keys(all).sort());
});
