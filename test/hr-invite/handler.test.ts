import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { type EventRecord, type RecordStore, recordId } from '../../functions/webhooks/record.ts';
import { type HrFunctions, startHrFunctions } from '../support/hr-functions.ts';
import { INVOCATION } from '../support/invocation.ts';
import { catchPrinted, type Printed } from '../support/printed-output.ts';
import { directInvitation, TO_LOOK_UP } from '../webhooks/make-invite.world.ts';
import { rule } from '../webhooks/receive.world.ts';

let functions: HrFunctions;
let records: RecordStore;
let printed: Printed;
beforeAll(async () => {
  functions = await startHrFunctions({
    'acme-hr': {
      provider: 'personio',
      rules: [rule('true')],
      lookup: {
        url: 'https://api.example.com/{id}',
        headers: { authorization: 'Bearer {secret}' },
        email: 'email',
      },
    },
    'two-addresses': {
      provider: 'personio',
      rules: [rule('true')],
      lookup: { url: 'https://api.example.com/{id}', email: 'emails' },
    },
    'no-lookup': { provider: 'personio', rules: [rule('true')] },
  });
  functions.putSecret({ other: 'of another source', removed: 'left-over-credential' });
  records = recordTable(functions.table, 400);
});
beforeEach(() => {
  printed = catchPrinted();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => functions.close());

/** An event that the door has received. @returns the id of its record. */
const receive = async (ask: EventRecord['invitation'], source = 'acme-hr'): Promise<string> => {
  const id = recordId(source, { id: randomUUID() }, 0, '4711');
  const at = new Date().toISOString();
  const record: EventRecord = {
    id,
    source,
    rule: 0,
    status: 'received',
    started: true,
    ...(ask && { invitation: ask }),
    received_at: at,
    updated_at: at,
  };
  await records.add(record, undefined, INVOCATION);
  return id;
};
const errorOf = async (input: unknown): Promise<Error> =>
  functions.makeInvite(input).then(
    () => expect.unreachable(),
    (error: Error) => error,
  );

describe('an event with an address', () => {
  test('becomes an ask in the queue, and the answer has ids only', async () => {
    const event = await receive(directInvitation({ reference: 'HR-7' }));
    const result = await functions.makeInvite({ event });
    expect(result).toEqual({
      event,
      id: expect.stringMatching(/^inv1_[\w-]{32}$/),
      generation: expect.any(Number),
    });
    expect(await records.read(event, INVOCATION)).toMatchObject({ status: 'queued' });
    expect(printed.metrics()).toMatchObject([{ function: 'hr-invite', outcome: 'queued' }]);
    // The workflow goes on: its end is not counted yet.
    expect(printed.metrics()[0]).not.toHaveProperty('Workflows');
  });

  test('does without its source, which is no longer configured', async () => {
    const event = await receive(directInvitation(), 'removed');
    expect(await functions.makeInvite({ event })).toHaveProperty('generation');
  });
});

describe('an event whose address cannot be looked up', () => {
  test.each([
    ['the source was removed', 'removed'],
    ['its lookup was removed', 'no-lookup'],
    ['its credential is missing', 'acme-hr'],
  ])('waits for the operator, and says why: %s', async (_, source) => {
    const event = await receive(TO_LOOK_UP, source);
    expect(await functions.makeInvite({ event })).toEqual({ event, pending_seconds: 60 });
    expect(printed.logged()).toMatchObject([
      ['warn', { event: 'lookup_failed', id: event, source, reason: 'no_credential' }],
      ['error', { event: 'event_blocked', id: event, code: 'lookup_misconfigured' }],
    ]);
    expect(await records.read(event, INVOCATION)).toMatchObject({
      status: 'received',
      invitation: TO_LOOK_UP,
    });
    expect(printed.metrics()).toMatchObject([{ outcome: 'blocked' }]);
    expect(printed.metrics()[0]).not.toHaveProperty('Workflows');
  });
});

test('the addresses of a lookup beyond the first are counted and logged', async () => {
  functions.putPerson({
    emails: ['', 'a@partner.example', 'b@partner.example', 'c@partner.example'],
  });
  const event = await receive(TO_LOOK_UP, 'two-addresses');
  expect(await functions.makeInvite({ event })).toHaveProperty('generation');
  const told = { source: 'two-addresses', id: event };
  expect(printed.logged()).toEqual([
    ['info', { event: 'values_left_out', field: 'email', count: 2, ...told }],
  ]);
  expect(printed.metrics()).toContainEqual(
    expect.objectContaining({ LeftOutValues: 2, stack: 'Stack', function: 'hr-invite', ...told }),
  );
});

describe('an error', () => {
  test('is thrown by its class, without the address', async () => {
    const email = 'casey@partner';
    const error = await errorOf({ event: await receive(directInvitation({ email })) });
    expect(error.name).toBe('InvalidRequest');
    expect(error.message + printed.lines.join()).not.toContain('casey');
  });

  test('is NotFound for a record that is not there', async () => {
    const error = await errorOf({ event: `evt1_${'x'.repeat(32)}` });
    expect(error.name).toBe('NotFound');
    expect(JSON.parse(error.message)).toMatchObject({ code: 'no_such_event', retryable: false });
  });

  test('is InvalidRequest for what is no record’s id', async () => {
    expect((await errorOf({ event: 'casey@partner.example' })).name).toBe('InvalidRequest');
  });
});

test('an event that is given up shows it, and counts as the end of its workflow', async () => {
  const event = await receive(TO_LOOK_UP);
  expect(await functions.makeInvite({ event, give_up: 'Lambda.Unknown' })).toEqual({ event });
  expect(await records.read(event, INVOCATION)).toMatchObject({
    status: 'failed',
    error: { class: 'Defect', code: 'given_up' },
  });
  expect(printed.metrics()).toMatchObject([{ outcome: 'given_up', class: 'Defect', Workflows: 1 }]);
});
