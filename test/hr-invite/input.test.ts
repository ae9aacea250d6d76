import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseEventTask } from '../../functions/webhooks/record.ts';
import { runs } from '../support/depth.ts';

const EVENT = `evt1_${'A'.repeat(32)}`;

const refusalOf = (input: unknown): InviteError => {
  try {
    parseEventTask(input);
  } catch (error) {
    if (error instanceof InviteError) return error;
  }
  return expect.unreachable();
};

describe('what the workflow wants of an event', () => {
  test('is an invitation', () => {
    expect(parseEventTask({ event: EVENT })).toEqual({ event: EVENT });
  });

  test('is an invitation again after a wait, whose seconds do not matter', () => {
    const input = { event: EVENT, pending_seconds: 30 };
    expect(parseEventTask(input)).toEqual({ event: EVENT });
  });

  test('is a note that there will be none, whichever error led to it', () => {
    for (const give_up of ['SlackUnavailable', 'Lambda.Unknown', 'States.Timeout', '']) {
      expect(parseEventTask({ event: EVENT, give_up })).toEqual({ event: EVENT, givenUp: give_up });
    }
  });
});

describe('what is refused', () => {
  test.each([
    ['no event', {}],
    ['no event to give up', { give_up: 'Lambda.Unknown' }],
    ['an id of another shape', { event: 'evt1_short' }],
    ['the id of an invite', { event: `inv1_${'A'.repeat(32)}` }],
    ['an id with more behind it', { event: `${EVENT}\n` }],
    ['an address for an id', { event: 'casey@partner.example' }],
    ['an id that is no text', { event: [EVENT] }],
    ['a text', EVENT],
    ['a list', [EVENT]],
    ['null', null],
    ['nothing', undefined],
  ])('is %s, and nothing of it is repeated', (_, input) => {
    const { name, message, facts } = refusalOf(input);
    expect(name).toBe('InvalidRequest');
    expect(facts.errors).toEqual([{ field: 'event', detail: 'must be the id of an event record' }]);
    expect(JSON.stringify([message, facts])).not.toContain('partner');
  });
});

test.each([[{ Error: 'casey@partner.example' }], [['x']], [null], [true], [7]])(
  'an error without a name is refused, and not repeated: %j',
  (give_up) => {
    const { name, facts } = refusalOf({ event: EVENT, give_up });
    expect(name).toBe('InvalidRequest');
    expect(facts.errors).toEqual([{ field: 'give_up', detail: 'must be the name of an error' }]);
  },
);

test('whatever the input, it is a task or refused, and nothing else is ever thrown', () => {
  const known = fc.record(
    { event: fc.oneof(fc.constant(EVENT), fc.anything()), give_up: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(known, fc.anything()), (input) => {
      try {
        expect(parseEventTask(input).event).toBe(EVENT);
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidRequest' });
      }
    }),
    runs(1000),
  );
});
