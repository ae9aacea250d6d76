import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  eventExecutionInput,
  eventExecutionName,
  RECORD_ID,
  recordId,
} from '../../functions/webhooks/record.ts';

const subject = fc.tuple(
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/),
  fc.oneof(
    fc.string(),
    // What could run over into the next part.
    fc.string({ unit: fc.constantFrom('"', ',', '[', ']', '\\', '0', '1', 'a') }),
  ),
  fc.nat(49),
  fc.oneof(fc.constantFrom('', '1', '1]', 'casey@partner.example'), fc.string()),
);
type Subject = [source: string, event: string, rule: number, person: string];
const idOf = ([source, id, rule, person]: Subject) => recordId(source, { id }, rule, person);
const CASEY = 'casey@partner.example';

describe("a record's id", () => {
  test('never changes, since redeliveries and the erasing of a person go by it', () => {
    // printf '["acme-hr","event:evt_1:abc",0,"casey@partner.example"]' | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | cut -c1-32
    expect(idOf(['acme-hr', 'event:evt_1:abc', 0, CASEY])).toBe(
      'evt1_bDDhQOn1mEZRZDUrb-ObOTJwGHT1xtXG',
    );
  });

  test('is the same for the same event, rule and person of one source, and for nothing else', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        const isSame = one.every((part, index) => part === other[index]);
        expect(idOf(one) === idOf(other)).toBe(isSame);
        expect(idOf([...one])).toBe(idOf(one));
      }),
    );
  });

  test.each<[string, Subject, Subject]>([
    ['the source', ['acme', 'x', 0, ''], ['acme-2', 'x', 0, '']],
    ['the event', ['acme', 'x', 0, ''], ['acme', 'y', 0, '']],
    ['the rule', ['acme', 'x', 0, ''], ['acme', 'x', 1, '']],
    ['the person', ['acme', 'x', 0, CASEY], ['acme', 'x', 0, `d${CASEY}`]],
    ['where the source ends', ['acme', '-x', 0, ''], ['acme-', 'x', 0, '']],
    ['where the event ends', ['acme', 'x', 11, ''], ['acme', 'x1', 1, '']],
    ['where the rule ends', ['acme', 'x', 1, '1'], ['acme', 'x', 11, '']],
    ['quotes that imitate an end', ['acme', 'x",0,"', 0, ''], ['acme', 'x', 0, '']],
  ])('differs with %s', (_, one, other) => {
    expect(idOf(one)).not.toBe(idOf(other));
  });

  test('has its own shape, whatever it is made of', () => {
    fc.assert(
      fc.property(subject, (one) => {
        expect(idOf(one)).toMatch(RECORD_ID);
        expect(idOf(one)).toHaveLength(37);
      }),
    );
  });
});

describe("an execution's name", () => {
  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
  const ALLOWED = /^[0-9A-Za-z_-]{1,80}$/;
  const moments = fc.date({
    min: new Date('2020-01-01'),
    max: new Date('2200-01-01'),
    noInvalidDate: true,
  });
  const record = fc
    .record({ subject, at: moments })
    .map((one) => ({ id: idOf(one.subject), received_at: one.at.toISOString() }));

  test('is one that Step Functions takes', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(eventExecutionName(one)).toMatch(ALLOWED);
      }),
    );
  });

  test('is the same for the same record and time of receipt, and for nothing else', () => {
    fc.assert(
      fc.property(record, moments, (one, at) => {
        const later = { ...one, received_at: at.toISOString() };
        expect(eventExecutionName(later) === eventExecutionName(one)).toBe(
          later.received_at === one.received_at,
        );
      }),
    );
  });

  test('goes with an input of the id only', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(JSON.parse(eventExecutionInput(one))).toEqual({ event: one.id });
      }),
    );
  });
});
