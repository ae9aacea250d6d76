import jsonata from 'jsonata';
import { describe, expect, test } from 'vitest';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { applyRules } from '../../functions/webhooks/rules.ts';
import { createLookupCredentials, createSecrets } from '../../functions/webhooks/secrets.ts';
import { type HrSource, installedProvider } from '../../functions/webhooks/source.ts';
import { loadConfig } from '../../infra/config/load.ts';
import { exampleDeliveries, exampleSources } from '../../infra/local/example-sources.ts';
import { SAMPLES, type Sample } from '../support/provider-samples.ts';
import { readEvents } from '../support/read-events.ts';
import { codeBlocksOf, read, rowsOf } from './markdown.ts';

const FILE = 'docs/webhooks.md';
const blocks = codeBlocksOf(read(FILE), 'json').map((block) => JSON.parse(block));

type Settings = { sources: Record<string, HrSource> };

/** The configurations that a document shows, whole or the sources alone. */
const configurationsIn = (file: string): Settings[] =>
  codeBlocksOf(read(file), 'json')
    .map((block) => JSON.parse(block))
    .map((block) => block.slackConnectInvites ?? block)
    .filter((block) => block.sources !== undefined);

const documented = Object.assign({}, ...configurationsIn(FILE).map(({ sources }) => sources));

describe.each([FILE, 'docs/configuration.md'])('%s', (file) => {
  test('shows sources that synth takes as they stand there', () => {
    const shown = configurationsIn(file);
    expect(shown.length).toBeGreaterThan(0);
    for (const settings of shown) {
      const policy = { channels: { C0PARTNER01: {} } };
      const { sources } = loadConfig({ slackConnectInvites: { ...policy, ...settings } });
      expect(sources).toEqual(settings.sources);
    }
  });
});

describe('each source of the page', () => {
  const evaluate = createEvaluate(createSandbox());

  test.each([
    ['acme-bamboo', 'BambooHR, event-based', { lookupId: '67890', reference: '67890' }],
    [
      'greenhouse',
      'Greenhouse, with its escapes',
      { email: 'casey@partner.example', reference: '46194062' },
    ],
    ['deel', 'Deel, with one resource', { email: 'casey@partner.example' }],
    [
      'okta',
      'Okta, two events at once',
      { email: 'casey@partner.example', reference: '00u1qw6mqitPHM8AJ0g7' },
    ],
    ['bob', 'HiBob', { lookupId: '3332883854254932743' }],
  ])('%s takes the delivery of %s, and no expression fails', async (name, sample, ask) => {
    const source = documented[name] as HrSource;
    const { provider, delivery } = SAMPLES.find((one) => one.name === sample) as Sample;
    expect(source.provider).toBe(provider);
    const events = await readEvents(installedProvider(source), delivery);
    const outcomes = events.map((event) => applyRules(source, event, () => evaluate));
    expect(outcomes.flatMap(({ failed }) => failed)).toEqual([]);
    expect(outcomes.flatMap(({ taken }) => taken)).toEqual([
      { rule: 0, channel: 'C0PARTNER01', external_limited: true, ...ask },
    ]);
  });

  test('bob finds the private address in either shape of the answer', () => {
    const { email } = (documented.bob as HrSource).lookup ?? { email: '' };
    const answers = [
      { '/home/privateEmail': { value: 'casey@partner.example' } },
      { home: { privateEmail: 'casey@partner.example' } },
      { id: '1' },
    ];
    expect(answers.map((answer) => evaluate(email, answer, answer))).toEqual([
      { value: 'casey@partner.example' },
      { value: 'casey@partner.example' },
      { value: undefined },
    ]);
  });
});

test('the expressions of the table of rules can be compiled', () => {
  const cells = rowsOf(read(FILE)).map(([, cell = '']) => cell);
  const shown = cells.filter((cell) => /^`"(when|email)": /.test(cell));
  expect(shown).toHaveLength(9);
  for (const cell of shown) {
    const [expression = ''] = Object.values<string>(JSON.parse(`{${cell.slice(1, -1)}}`));
    expect(() => jsonata(expression), expression).not.toThrow();
  }
});

test('the secret of the page is read as the page says', async () => {
  const [secret] = blocks.filter((block) => Array.isArray(block.okta));
  const secrets = createSecrets(async () => JSON.stringify(secret));
  expect(await secrets.of('greenhouse')).toEqual({ signing: [secret.greenhouse] });
  expect(await secrets.of('okta')).toEqual({ signing: secret.okta });
  const [credentials] = blocks.filter((block) => Object.keys(block).join() === 'acme-bamboo');
  const credentialOf = createLookupCredentials(async () => JSON.stringify(credentials));
  expect(await credentialOf('acme-bamboo')).toBe(credentials['acme-bamboo']);
});

test('README has the signed delivery that npm start prints', () => {
  const [signed] = exampleDeliveries('http://127.0.0.1:3000', 'partner.example', 0);
  expect(codeBlocksOf(read('README.md'), 'sh')).toContain(`${signed?.command}\n`);
});

test('docs/local.md has the secret of the example sources', () => {
  const secrets = codeBlocksOf(read('docs/local.md'), 'json').map((block) => JSON.parse(block));
  const examples = exampleSources('C0PARTNER01');
  expect(secrets).toContainEqual(examples.secrets);
  expect(secrets).toContainEqual(examples.credentials);
});
