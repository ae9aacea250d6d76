import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseTurnTask } from '../../functions/invites/send-queued.ts';
import { runs } from '../support/depth.ts';

const ID = `inv1_${'A'.repeat(32)}`;
const GENERATION = 1_893_456_000_000;
const QUEUED = { id: ID, generation: GENERATION };
const TICKET = '2030-01-01T00:00:03.000Z';
const TURN = { ...QUEUED, not_before: TICKET };
const refusalOf = (event: unknown): InviteError => {
  try {
    parseTurnTask(event);
  } catch (error) {
    if (error instanceof InviteError) return error;
  }
  return expect.unreachable();
};
const fieldsOf = (event: unknown) => refusalOf(event).facts.errors?.map(({ field }) => field);

describe('what the workflow wants', () => {
  test('is a turn, with the time of its ticket', () => {
    const notBefore = Date.parse(TICKET);
    expect(parseTurnTask(TURN)).toEqual({ kind: 'turn', queued: QUEUED, notBefore });
  });

  test('is a wait given up, with the name of the error, with a ticket or without', () => {
    const task = { kind: 'give-up', queued: QUEUED, error: 'Lambda.Unknown' };
    expect(parseTurnTask({ ...QUEUED, give_up: 'Lambda.Unknown' })).toEqual(task);
    expect(parseTurnTask({ ...TURN, give_up: 'Lambda.Unknown' })).toEqual(task);
  });
});

describe('what is refused', () => {
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
    ['a request beside it', { ...TURN, channel: 'C0PARTNER01' }, ['channel']],
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
    ]) {
      const { message, facts } = refusalOf(event);
      expect(JSON.stringify([message, facts])).not.toContain('partner');
    }
  });
});

test('whatever the event, it is a step or refused, and nothing else is ever thrown', () => {
  const known = fc.record(
    {
      id: fc.oneof(fc.constant(ID), fc.anything()),
      generation: fc.oneof(fc.constant(GENERATION), fc.anything()),
      not_before: fc.oneof(fc.constant(TICKET), fc.anything()),
      give_up: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(known, fc.anything()), (event) => {
      try {
        expect(['turn', 'give-up']).toContain(parseTurnTask(event).kind);
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidRequest' });
      }
    }),
    runs(1000),
  );
});
