import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { type HrFunctions, startHrFunctions } from '../support/hr-functions.ts';
import { catchPrinted, type Printed } from '../support/printed-output.ts';
import { rule } from '../webhooks/receive.world.ts';

const SECRET = 'personio-webhook-token';
const SOURCE: HrSource = {
  provider: 'personio',
  rules: [rule('event_name = "person.created"')],
};

let functions: HrFunctions;
let printed: Printed;
let person = 0;
beforeAll(async () => {
  functions = await startHrFunctions({ 'acme-hr': SOURCE, constructor: SOURCE });
  functions.putSecret({ 'acme-hr': SECRET });
});
beforeEach(() => {
  printed = catchPrinted();
  functions.fail({});
  functions.started.length = 0;
  person += 1;
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => functions.close());

const body = () =>
  JSON.stringify({
    event_name: 'person.created',
    occurred_at: '2030-01-01T00:00:00Z',
    email: `person-${person}@partner.example`,
  });
const headers = { authorization: SECRET };

describe('a signed delivery', () => {
  test('is answered with 200 once its execution was started', async () => {
    expect(await functions.deliver('acme-hr', { headers, body: body() })).toEqual({
      statusCode: 200,
      headers: { 'cache-control': 'no-store' },
      body: '',
    });
    expect(functions.started).toHaveLength(1);
    expect(functions.started[0]?.name).toMatch(/^evt1_[\w-]{32}-\d{13}$/);
    expect(functions.started[0]?.input).toMatch(/^\{"event":"evt1_[\w-]{32}"\}$/);
    expect(printed.metrics()).toMatchObject([
      { stack: 'Stack', source: 'acme-hr', result: 'accepted', WebhookEvents: 1 },
    ]);
  });

  test('is a duplicate the second time, and in base64 too', async () => {
    await functions.deliver('acme-hr', { headers, body: body() });
    const encoded = { body: Buffer.from(body()).toString('base64'), isBase64Encoded: true };
    const { statusCode } = await functions.deliver('acme-hr', { headers, ...encoded });
    expect(statusCode).toBe(200);
    expect(functions.started).toHaveLength(1);
    expect(printed.metrics()[1]).toMatchObject({ result: 'duplicate', WebhookEvents: 1 });
  });

  test('whose execution could not be started is recorded, told, and started by the next', async () => {
    functions.fail({ StartExecution: { name: 'AccessDeniedException', message: '' } });
    const { statusCode } = await functions.deliver('acme-hr', { headers, body: body() });
    expect(statusCode).toBe(200);
    expect(functions.started).toEqual([]);
    expect(printed.metrics()).toMatchObject([
      { source: 'acme-hr', function: 'hr-webhook', result: 'accepted' },
      { source: 'acme-hr', UnstartedEvents: 1 },
      { class: 'Defect', code: 'workflow_misconfigured', Errors: 1 },
    ]);
    expect(printed.logged()).toContainEqual([
      'warn',
      {
        event: 'events_unstarted',
        source: 'acme-hr',
        count: 1,
        class: 'Defect',
        code: 'workflow_misconfigured',
      },
    ]);

    functions.fail({});
    expect(await functions.deliver('acme-hr', { headers, body: body() })).toMatchObject({
      statusCode: 200,
    });
    expect(functions.started).toHaveLength(1);
  });
});

describe('a delivery that is not believed', () => {
  test.each([
    ['another secret', 'acme-hr', { authorization: 'another' }],
    ['no secret', 'acme-hr', {}],
    ['a source without a secret', 'constructor', headers],
  ])('is answered with 401, and leaves nothing: %s', async (_, source, given) => {
    expect(await functions.deliver(source, { headers: given, body: body() })).toEqual({
      statusCode: 401,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: '{"message":"Unauthorized"}',
    });
    expect(functions.started).toEqual([]);
    expect(printed.metrics()).toMatchObject([{ source, result: 'refused', WebhookEvents: 1 }]);
  });

  test.each(['nobody', '__proto__', 'toString', ''])(
    'is answered in the same way where there is no source: "%s"',
    async (source) => {
      const refused = { headers, body: body() };
      expect(await functions.deliver(source, refused)).toEqual(
        await functions.deliver('acme-hr', { ...refused, headers: {} }),
      );
      expect(printed.metrics()).toMatchObject([{ source: 'unknown', result: 'refused' }, {}]);
    },
  );

  test('is answered with 405 as a GET that is no handshake', async () => {
    expect(await functions.deliver('acme-hr', { headers }, 'GET')).toMatchObject({
      statusCode: 405,
    });
  });
});
