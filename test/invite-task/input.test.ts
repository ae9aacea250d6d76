import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseTask } from '../../functions/invite-task/contract.ts';
import { runs } from '../support/depth.ts';

const ID = `inv1_${'A'.repeat(32)}`;
const GENERATION = 1_893_456_000_000;
const QUEUED = { id: ID, generation: GENERATION };
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
    ['a turn', { ...QUEUED, not_before: '2030-01-01T00:00:03.000Z' }],
    ['a wait to give up', { ...QUEUED, give_up: 'NotAllowed' }],
    ['both beside an ask', { ...ASK, ...QUEUED, give_up: 'NotAllowed' }],
  ])('%s, which is the business of the workflow alone', (_, event) => {
    expect(fieldsOf(event)).toEqual(expect.arrayContaining(['id', 'generation']));
  });

  test.each([null, undefined, 'text', 7, [], [ASK]])('what is no object: %j', (event) => {
    expect(refusalOf(event)).toMatchObject({ name: 'InvalidRequest' });
  });

  test('says nothing of what it refuses but a harmless name of a field', () => {
    const email = 'ada@partner.example';
    for (const event of [
      { ...ASK, id: email },
      { ...ASK, [email]: 1 },
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
      give_up: fc.anything(),
      queue: fc.oneof(fc.boolean(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(known, fc.anything()), (event) => {
      try {
        expect(['send', 'enqueue']).toContain(parseTask(event).kind);
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidRequest' });
      }
    }),
    runs(1000),
  );
});
