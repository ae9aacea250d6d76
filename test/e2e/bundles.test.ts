import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundledAssembly, pathOf, resources, templateIn } from '../support/assemblies.ts';

const directory = await bundledAssembly();

/** The code of a door as it would be uploaded. */
const bundleOf = (door: string): string => {
  const functions = resources(templateIn(directory), 'AWS::Lambda::Function');
  const found = functions.find((resource) => pathOf(resource).split('/').at(-1) === door);
  const files = globSync(`${directory}/${found?.Metadata?.['aws:asset:path']}/*.mjs`);
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
};

const DOORS = [
  'invite-api',
  'invite-task',
  'invite-turn',
  'lane-ticket',
  'hr-webhook',
  'hr-invite',
];

// Texts that live in one file of the source each.
const BODY_READER = 'is not valid UTF-8';
const HTTP_DOOR = 'respond-async';
const LOOKUP = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
const VERIFIER = 'malformed_signature';

/** Without the text in a failure's message: it would be the whole bundle. */
const holds = (door: string, text: string): boolean => bundleOf(door).includes(text);

describe('a bundle holds what its door needs', () => {
  test.each([BODY_READER, HTTP_DOOR])(
    '"%s" is in the HTTP door and not in the task door',
    (text) => {
      expect(holds('invite-api', text)).toBe(true);
      expect(holds('invite-task', text)).toBe(false);
    },
  );

  test.each([
    ['undici beyond its client', 'UND_MOCK_ERR'],
    ['the local run', 'xoxb-local'],
    ['a channel of the configuration', 'C0PARTNER01'],
  ])('nothing of %s', (_, text) => {
    for (const door of DOORS) expect(holds(door, text)).toBe(false);
  });

  test('none imports node:http, which would evaluate all of Node’s built-in undici at each start', () => {
    for (const door of DOORS) expect(holds(door, 'from"node:http"')).toBe(false);
  });

  test('the door of HR systems looks nothing up, and what looks up has no door', () => {
    expect(holds('hr-invite', LOOKUP)).toBe(true);
    expect(holds('hr-webhook', LOOKUP)).toBe(false);
    expect(holds('hr-webhook', VERIFIER)).toBe(true);
    expect(holds('hr-invite', VERIFIER)).toBe(false);
  });
});
