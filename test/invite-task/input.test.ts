import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseTask } from '../../functions/invite-task/contract.ts';
import { runs } from '../support/depth.ts';

const ID = `inv1_${'A'.repeat(32)}`;
const GENERATION = 1_893_456_000_000;
const QUEUED = { id: ID, generation: GENERATION };
const TICKET = '2030-01-01T00:00:03.000Z';
const TURN = { ...QUEUED, not_before: TICKET };
const ASK = { channel: 'C0PARTNER01', emails: 'ada@partner.example' };
const REQUEST = {
  channel: 'C0PARTNER01',
  recipient: { kind: 'email', value: 'ada@partner.example' },
  external_limited: true,
};

const refusalOf = (event: unknown): InviteError => {
  try {
    parseTask(event);
  } catch (error) {
    if (error instanceof InviteError) return error;
  }
  return expect.unreachable();
};
const fieldsOf = (event: unknown) => refusalOf(event).facts.errors?.map(({ field }) => field);

describe('the event of a state machine', () => {
  test('is an invitation, now', () => {
    expect(parseTask(ASK)).toEqual({ kind: 'send', request: REQUEST });
    expect(parseTask({ ...ASK, queue: false })).toEqual({ kind: 'send', request: REQUEST });
  });

  test('is an invitation for the queue, with every field of an ask', () => {
    const event = { ...ASK, queue: true, resend: 1, reference: 'HR-1' };
    const request = { ...REQUEST, resend: 1, reference: 'HR-1' };
    expect(parseTask(event)).toEqual({ kind: 'enqueue', request });
  });

  test.each([null, '', []])('is an invitation, now, with a queue that is nothing: %j', (queue) => {
    expect(parseTask({ ...ASK, queue })).toEqual({ kind: 'send', request: REQUEST });
  });

  test('is a turn, with the time of its ticket', () => {
    const notBefore = Date.parse(TICKET);
    expect(parseTask(TURN)).toEqual({ kind: 'turn', queued: QUEUED, notBefore });
  });

  test('is a wait given up, with the name of the error, with a ticket or without', () => {
    const task = { kind: 'give-up', queued: QUEUED, error: 'Lambda.Unknown' };
    expect(parseTask({ ...QUEUED, give_up: 'Lambda.Unknown' })).toEqual(task);
    expect(parseTask({ ...TURN, give_up: 'Lambda.Unknown' })).toEqual(task);
  });
});

describe('what is refused', () => {
  test.each(['true', 1, {}])('a queue that is %j: neither true nor false', (queue) => {
    expect(fieldsOf({ ...ASK, queue })).toEqual(['queue']);
  });

  test('an id beside an ask, as every event of EventBridge has one: the id, and nothing of the ask', () => {
    expect(fieldsOf({ id: 'ticket-1', ...ASK })).toEqual(['id']);
    expect(fieldsOf({ id: ID, emails: ASK.emails })).toEqual(['id', 'channel']);
  });

  test('an ask for the queue with a field too many, or one too few', () => {
    expect(fieldsOf({ ...ASK, queue: true, foo: 1 })).toEqual(['foo']);
    expect(fieldsOf({ emails: ASK.emails, queue: true })).toEqual(['channel']);
  });

  test.each([
    ['no generation', { id: ID }, ['generation']],
    ['no id', { generation: GENERATION }, ['id']],
    ['an id of another shape', { ...TURN, id: 'inv1_short' }, ['id']],
    ['an address for an id', { ...TURN, id: 'ada@partner.example' }, ['id']],
    ['an id that is no text', { ...TURN, id: 7 }, ['id']],
    ['a generation of 0', { ...TURN, generation: 0 }, ['generation']],
    ['half a generation', { ...TURN, generation: 1.5 }, ['generation']],
    ['a generation as text', { ...TURN, generation: String(GENERATION) }, ['generation']],
    ['a generation beyond all numbers', { ...TURN, generation: 2 ** 53 }, ['generation']],
    ['an ask beside it', { ...TURN, channel: 'C0PARTNER01' }, ['channel']],
    ['a queue beside it', { ...TURN, queue: true }, ['queue']],
    ['no ticket', QUEUED, ['not_before']],
    ['a ticket that is no time', { ...TURN, not_before: 'soon' }, ['not_before']],
    ['a ticket that is no text', { ...TURN, not_before: 3000 }, ['not_before']],
    ['an error that is no name', { ...QUEUED, give_up: { Error: 'x' } }, ['give_up']],
    ['no error', { ...QUEUED, give_up: null }, ['give_up']],
  ])('a turn with %s', (_, event, fields) => {
    expect(fieldsOf(event)).toEqual(fields);
  });

  test.each([null, undefined, 'text', 7, [], [TURN]])('what is no object: %j', (event) => {
    expect(refusalOf(event)).toMatchObject({ name: 'InvalidRequest' });
  });

  test('says nothing of what it refuses but a harmless name of a field', () => {
    const email = 'ada@partner.example';
    for (const event of [
      { ...TURN, id: email },
      { ...TURN, [email]: 1 },
      { ...TURN, not_before: email },
      { ...QUEUED, give_up: [email] },
      { ...ASK, queue: email },
    ]) {
      const { message, facts } = refusalOf(event);
      expect(JSON.stringify([message, facts])).not.toContain('partner');
    }
  });
});

test('whatever the event, it is a task or refused, and nothing else is ever thrown', () => {
  const known = fc.record(
    {
      id: fc.oneof(fc.constant(ID), fc.anything()),
      generation: fc.oneof(fc.constant(GENERATION), fc.anything()),
      not_before: fc.oneof(fc.constant(TICKET), fc.anything()),
      give_up: fc.anything(),
      queue: fc.oneof(fc.boolean(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(known, fc.anything()), (event) => {
      try {
        expect(['send', 'enqueue', 'turn', 'give-up']).toContain(parseTask(event).kind);
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidRequest' });
      }
    }),
    runs(1000),
  );
});
