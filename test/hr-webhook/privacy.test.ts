import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { OWN_CODES } from '../../functions/errors/codes.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { patience, runs } from '../support/depth.ts';
import { type HrFunctions, startHrFunctions } from '../support/hr-functions.ts';
import { catchPrinted, type Printed } from '../support/printed-output.ts';
import { GITHUB } from '../support/verify-descriptions.ts';
import { rule } from '../webhooks/receive.world.ts';

/** For a busy machine: the property takes a few seconds on an idle one. */
const SLOW = patience(120_000);

/** In everything that comes from outside, and in nothing else. */
const MARK = 'zqx';
const SECRETS = { 'okta-hr': `${MARK}-okta-secret`, 'signed-hr': `${MARK}-signing-secret` };

/** Rules that take an event, that do not, and whose expressions fail with a piece of it. */
const rules = [
  rule('$exists(email)', { reference: 'ticket' }),
  rule('type = "hired"', { channel: 'C0PARTNER02', reference: 'email' }),
  rule('$error(email)'),
  rule('email'),
  rule('true', { email: '[email, email]' }),
  rule('true', { email: 'missing' }),
];
const SOURCES: Record<string, HrSource> = {
  'okta-hr': { provider: 'okta', rules },
  'signed-hr': { provider: 'generic', auth: GITHUB, rules },
};

let functions: HrFunctions;
beforeAll(async () => {
  functions = await startHrFunctions(SOURCES);
  functions.putSecret(SECRETS);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => functions.close());

const marked = fc.stringMatching(/^[a-z0-9]{1,8}$/).map((text) => `${MARK}${text}`);
const event = fc.record(
  {
    uuid: marked,
    type: fc.oneof(fc.constant('hired'), marked),
    email: fc.oneof(
      marked.map((name) => `${name}@partner.example`),
      marked,
    ),
    ticket: fc.oneof(
      marked,
      marked.map((text) => `not a reference ${text}`),
    ),
    data: fc.dictionary(marked, fc.oneof(marked, fc.array(marked))),
  },
  { requiredKeys: [] },
);
const damages = [(json: string) => json.slice(0, -1), (json: string) => `"${MARK}${json}`] as const;
/** The one mostly, the other sometimes. */
const mostly = <One, Other>(one: fc.Arbitrary<One>, other: fc.Arbitrary<Other>) =>
  fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: other });
const nothing = fc.constant(undefined);

const delivery = fc.record({
  source: mostly(fc.constantFrom('okta-hr', 'signed-hr'), marked),
  method: mostly(fc.constant('POST'), fc.constant('GET')),
  events: fc.array(event, { minLength: 1, maxLength: 3 }),
  forged: mostly(
    nothing,
    fc.oneof(
      marked,
      marked.map((text) => `sha256=${text}`),
    ),
  ),
  damage: mostly(nothing, fc.constantFrom(...damages)),
  headers: fc.dictionary(marked, marked),
  query: fc.dictionary(marked, marked),
  isDenied: mostly(fc.constant(false), fc.constant(true)),
  isBase64Encoded: fc.boolean(),
});
type Delivered = typeof delivery extends fc.Arbitrary<infer One> ? One : never;

/** The header with which a source's sender proves itself. */
const proofOf = (source: string, body: string): Record<string, string> =>
  source === 'okta-hr'
    ? { authorization: SECRETS['okta-hr'] }
    : {
        'x-hub-signature-256': `sha256=${createHmac('sha256', SECRETS['signed-hr']).update(body).digest('hex')}`,
      };

const deliver = ({ source, method, events, forged, damage, ...one }: Delivered) => {
  const json = JSON.stringify(source === 'okta-hr' ? { data: { events } } : events[0]);
  const body = damage ? damage(json) : json;
  const proof = forged
    ? { authorization: forged, 'x-hub-signature-256': forged }
    : proofOf(source, body);
  const encoded = one.isBase64Encoded ? Buffer.from(body).toString('base64') : body;
  return functions.deliver(
    source,
    {
      headers: { ...one.headers, ...proof },
      queryStringParameters: one.query,
      body: encoded,
      isBase64Encoded: one.isBase64Encoded,
    },
    method,
  );
};

/** Each metric's dimensions have values off a closed list, and so few of them. */
const expectClosed = (printed: Printed) => {
  for (const { _aws, ...record } of printed.metrics()) {
    const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: { Dimensions: string[][] }[] };
    const dimensions = CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions);
    const known: Record<string, string[]> = {
      stack: ['Stack'],
      function: ['hr-webhook'],
      source: [...Object.keys(SOURCES), 'unknown'],
      result: ['accepted', 'duplicate', 'ignored', 'refused', 'failed'],
      class: Object.keys(ERROR_CLASSES),
      code: Object.keys(OWN_CODES),
    };
    for (const set of dimensions) {
      expect([
        ['stack', 'source', 'result'],
        ['stack', 'function', 'result'],
        ['stack', 'source'],
        ['stack', 'function', 'class'],
        ['stack', 'class'],
        ['stack', 'code'],
      ]).toContainEqual(set);
      for (const name of set) expect(known[name]).toContain(record[name]);
    }
  }
};

test(
  'nothing of a delivery is ever in a line, an answer or an execution, whatever it is',
  SLOW,
  async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(delivery, async (one) => {
        functions.started.length = 0;
        const denied = { name: 'AccessDeniedException', message: MARK };
        functions.fail(one.isDenied ? { StartExecution: denied } : {});
        const printed = catchPrinted();
        const answer = await deliver(one).finally(() => vi.restoreAllMocks());
        statuses.add(answer.statusCode);

        expect(printed.lines.join('\n')).not.toContain(MARK);
        expect(printed.lines.join('\n')).not.toContain('partner.example');
        expect(JSON.stringify(answer)).not.toContain(MARK);
        for (const { input } of functions.started) {
          expect(input).toMatch(/^\{"event":"evt1_[\w-]{32}"\}$/);
        }
        expectClosed(printed);
      }),
      runs(300),
    );
    // It has seen every kind of end.
    expect([...statuses].sort()).toEqual([200, 400, 401, 405]);
  },
);
