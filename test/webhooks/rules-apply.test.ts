import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../functions/invites/request.ts';
import {
  createEvaluate,
  createSandbox,
  type Evaluate,
  type Evaluation,
} from '../../functions/webhooks/expression.ts';
import { applyRules } from '../../functions/webhooks/rules.ts';
import type { Lookup, Rule } from '../../functions/webhooks/source.ts';

const evaluate = createEvaluate(createSandbox());

const CHANNEL = 'C0PARTNER01';
const HIRED = { type: 'hired', id: 7, email: 'casey@partner.example', ticket: 'HR-7' };

const rule = (when: string, invite: Partial<Rule['invite']> = {}): Rule => ({
  when,
  invite: { channel: CHANNEL, email: 'email', ...invite },
});

const RULE_WITHOUT_EMAIL: Rule = { when: 'type = "hired"', invite: { channel: CHANNEL } };

const LOOKUP: Lookup = { url: 'https://api.example.com/{id}', email: 'homeEmail' };

type Given = {
  rules: Rule[];
  lookup?: Lookup;
  payload?: unknown;
  body?: unknown;
  subject?: string;
  by?: Evaluate;
};

const apply = ({ rules, lookup, payload = HIRED, body = payload, subject, by }: Given) =>
  applyRules(
    { rules, ...(lookup && { lookup }) },
    { payload, body, ...(subject !== undefined && { subject }) },
    () => by ?? evaluate,
  );

describe('a rule that takes an event', () => {
  it('asks for an invitation, limited unless it says otherwise', () => {
    expect(apply({ rules: [rule('type = "hired"')] })).toEqual({
      taken: [
        { rule: 0, channel: CHANNEL, email: 'casey@partner.example', external_limited: true },
      ],
      ignored: [],
      failed: [],
    });
  });

  it('asks for full access where it says so', () => {
    const { taken } = apply({ rules: [rule('true', { external_limited: false })] });
    expect(taken).toMatchObject([{ external_limited: false }]);
  });

  it.each([
    ['a text', 'ticket', 'HR-7'],
    ['a number', 'id', '7'],
  ])('hands on a reference that is %s', (_name, reference, text) => {
    expect(apply({ rules: [rule('true', { reference })] }).taken).toMatchObject([
      { reference: text },
    ]);
  });

  it('may look at the whole body', () => {
    const rules = [rule('$body.company = "acme"')];
    expect(apply({ rules, body: { company: 'acme' } }).taken).toHaveLength(1);
    expect(apply({ rules, body: { company: 'other' } }).taken).toHaveLength(0);
  });

  it('does not keep the others from it', () => {
    const rules = [rule('true'), rule('false'), rule('true', { channel: 'C0PARTNER02' })];
    const { taken } = apply({ rules });
    expect(taken.map(({ rule, channel }) => [rule, channel])).toEqual([
      [0, CHANNEL],
      [2, 'C0PARTNER02'],
    ]);
  });
});

describe('an event is ignored', () => {
  it.each(['type = "left"', 'missing', 'null', '$not(missing)'])(
    'when no rule takes it: %s',
    (when) => {
      expect(apply({ rules: [rule(when), rule('false')] })).toEqual({
        taken: [],
        ignored: [{ reason: 'no_rule' }],
        failed: [],
      });
    },
  );

  it.each(['missing', 'null', '""', '"  "'])(
    'when a rule takes it but has no address: %s',
    (email) => {
      expect(apply({ rules: [rule('true', { email })] })).toEqual({
        taken: [],
        ignored: [{ reason: 'no_email', rule: 0 }],
        failed: [],
      });
    },
  );

  it('when it does not say whom to look up', () => {
    expect(apply({ rules: [rule('false'), RULE_WITHOUT_EMAIL], lookup: LOOKUP })).toEqual({
      taken: [],
      ignored: [{ reason: 'no_person_id', rule: 1 }],
      failed: [],
    });
  });
});

describe('an id for the person', () => {
  const ofLength = (length: number) => {
    const id = 'x'.repeat(length);
    const own = { rules: [RULE_WITHOUT_EMAIL], lookup: LOOKUP, subject: id };
    const named = { ...own, lookup: { ...LOOKUP, id: 'key' }, payload: { ...HIRED, key: id } };
    return [own, named].map(apply);
  };

  it('may be as long as a lookup takes it', () => {
    for (const { taken } of ofLength(200))
      expect(taken).toMatchObject([{ lookupId: 'x'.repeat(200) }]);
  });

  it('that is longer is none: the table would refuse the record of a very long one for ever', () => {
    for (const outcome of [...ofLength(201), ...ofLength(900)]) {
      expect(outcome).toEqual({
        taken: [],
        ignored: [{ reason: 'no_person_id', rule: 0 }],
        failed: [],
      });
    }
    const subject = 'x'.repeat(400_000);
    expect(apply({ rules: [RULE_WITHOUT_EMAIL], lookup: LOOKUP, subject }).taken).toEqual([]);
  });
});

describe('a rule without an address', () => {
  it("asks with the event's own person id", () => {
    const { taken } = apply({ rules: [RULE_WITHOUT_EMAIL], lookup: LOOKUP, subject: '42' });
    expect(taken).toEqual([{ rule: 0, channel: CHANNEL, lookupId: '42', external_limited: true }]);
  });

  it('asks with the id that the lookup names, a number too', () => {
    const lookup = { ...LOOKUP, id: 'id' };
    const { taken } = apply({ rules: [RULE_WITHOUT_EMAIL], lookup, subject: '42' });
    expect(taken).toMatchObject([{ lookupId: '7' }]);
  });

  it('asks with an id too when its own address is not there', () => {
    const rules = [rule('true', { email: 'missing' })];
    const { taken } = apply({ rules, lookup: LOOKUP, subject: '42' });
    expect(taken).toMatchObject([{ lookupId: '42' }]);
  });

  it('looks nobody up when its own address is there', () => {
    const rules = [rule('true')];
    const [ask] = apply({ rules, lookup: LOOKUP, subject: '42' }).taken;
    expect(ask).toMatchObject({ email: 'casey@partner.example' });
    expect(ask).not.toHaveProperty('lookupId');
  });
});

describe('an expression that fails is named:', () => {
  it.each([
    ['when', 'error', rule('$nonesuch()')],
    ['when', 'wrong_type', rule('"true"')],
    ['when', 'wrong_type', rule('1')],
    ['when', 'wrong_type', rule('[true, true]')],
    ['email', 'error', rule('true', { email: '$uppercase(id)' })],
    ['email', 'wrong_type', rule('true', { email: 'id' })],
    ['email', 'wrong_type', rule('true', { email: 'true' })],
    ['email', 'wrong_type', rule('true', { email: '[id, 8]' })],
    ['email', 'too_long', rule('true', { email: '$join([1..999].("ab"))' })],
  ] as const)('%s, %s', (field, reason, failing) => {
    expect(apply({ rules: [failing] })).toEqual({
      taken: [],
      ignored: [],
      failed: [{ rule: 0, field, reason }],
    });
  });

  it.each([
    ['error', '$nonesuch()'],
    ['wrong_type', '{"id": id}'],
    ['wrong_type', 'true'],
  ])("the lookup's id, %s", (reason, id) => {
    const given = { rules: [RULE_WITHOUT_EMAIL], lookup: { ...LOOKUP, id }, subject: '42' };
    expect(apply(given)).toEqual({
      taken: [],
      ignored: [],
      failed: [{ rule: 0, field: 'id', reason }],
    });
  });

  it.each([
    ['error', '$nonesuch()'],
    ['wrong_type', '[true, false]'],
    ['wrong_type', 'true'],
    ['not_a_reference', 'email'],
    ['not_a_reference', '$join([1..33].("ab"))'],
  ])('the reference, %s, and the invitation is asked for without it', (reason, reference) => {
    const { taken, failed } = apply({ rules: [rule('true', { reference })] });
    expect(failed).toEqual([{ rule: 0, field: 'reference', reason }]);
    expect(taken).toHaveLength(1);
    expect(taken[0]).not.toHaveProperty('reference');
  });

  it('and no address that failed is looked up', () => {
    const rules = [rule('true', { email: '$nonesuch()' })];
    const { taken, failed } = apply({ rules, lookup: LOOKUP, subject: '42' });
    expect(taken).toEqual([]);
    expect(failed).toEqual([{ rule: 0, field: 'email', reason: 'error' }]);
  });

  it('with nothing of the event', () => {
    const rules = [
      rule('$error(email)'),
      rule('true', { email: '$error(email)' }),
      rule('true', { email: '[email, email]', reference: 'email' }),
      rule('true', { email: 'missing' }),
    ];
    const { ignored, failed } = apply({ rules });
    expect(failed).toHaveLength(3);
    expect(JSON.stringify({ ignored, failed })).not.toMatch(/casey|partner/);
  });
});

describe('of several results', () => {
  it.each([
    [
      'an address',
      '[ "", email, other, null, third ]',
      'email',
      { email: 'casey@partner.example' },
    ],
    ['a reference', undefined, 'reference', { reference: '7' }],
  ])(
    'the first that can be used is %s, and the others are told of',
    (_name, email, field, taken) => {
      const payload = {
        ...HIRED,
        other: 'o@partner.example',
        third: 't@partner.example',
        ids: [7, 8, 9],
      };
      const invite = {
        ...(email !== undefined && { email }),
        ...(field === 'reference' && { reference: 'ids' }),
      };
      const outcome = apply({ rules: [rule('false'), rule('true', invite)], payload });
      expect(outcome).toMatchObject({ taken: [taken], leftOut: [{ rule: 1, field, count: 2 }] });
      expect(outcome.failed).toEqual([]);
    },
  );

  it('one person is told of once, however often they stand there', () => {
    const outcome = apply({ rules: [rule('true', { email: '[email, email]' })] });
    expect(outcome).not.toHaveProperty('leftOut');
  });
});

describe('null and blank are as missing', () => {
  const NOTHING = [null, '', '  ', '\n', '\u00a0'];
  const email = 'w@partner.example';

  it.each([
    ['the first of several fields', '[personal, work][0]'],
    ['the first of several fields, without a place', '[personal, work]'],
    ['the first that is there', 'personal ? personal : work'],
    ['the first address of a kind, or of any', '[list[kind = "personal"].value, list.value][0]'],
    ['the first of a list', 'all'],
    ['the first of a list and a field', '[none, work][0]'],
    ['the first in a place of its own', 'place.[personal, work][0]'],
  ])('for %s', (_name, expression) => {
    for (const personal of NOTHING) {
      const payload = {
        personal,
        work: email,
        all: [personal, email],
        none: [personal],
        place: { personal, work: email },
        list: [
          { kind: 'personal', value: personal },
          { kind: 'work', value: email },
        ],
      };
      const outcome = apply({ rules: [rule('true', { email: expression })], payload });
      expect(outcome).toEqual({
        taken: [expect.objectContaining({ email })],
        ignored: [],
        failed: [],
      });
    }
  });

  it.each(['$lowercase(x) = "a"', '$contains(x, "a")', 'x > 3', 'x.y', '$exists(x)'])(
    'for a condition, which fails on neither: %s',
    (when) => {
      for (const x of NOTHING) {
        expect(apply({ rules: [rule(when)], payload: { x } })).toEqual({
          taken: [],
          ignored: [{ reason: 'no_rule' }],
          failed: [],
        });
      }
    },
  );

  it('for what the whole body says', () => {
    const rules = [rule('true', { email: '[$body.first, $body.second][0]' })];
    const body = { first: null, second: email };
    expect(apply({ rules, body }).taken).toMatchObject([{ email }]);
  });

  it('but an item of a list keeps its place', () => {
    const rules = [rule('true', { email: 'columns[2]' })];
    expect(apply({ rules, payload: { columns: ['7', '', email] } }).taken).toMatchObject([
      { email },
    ]);
  });
});

describe('around an address', () => {
  const read = (email: string) =>
    apply({ rules: [rule('true', { email: 'email' })], payload: { email } }).taken[0]?.email;

  it('white space is left out', () => {
    expect(read(' \t\u00a0casey@partner.example\r\n')).toBe('casey@partner.example');
  });

  it.each(['\ufeff', '\u200b', '\u2003'])('%j stays, for the policy to refuse', (character) => {
    const email = `${character}casey@partner.example`;
    expect(read(email)).toBe(email);
  });
});

it('a rule may read headers', () => {
  const rules = [rule('$headers."x-event-name" = "hired"')];
  const applied = (headers: Record<string, string>) =>
    applyRules({ rules }, { payload: HIRED, body: HIRED, headers }, () => evaluate).taken.length;
  expect(applied({ 'x-event-name': 'hired' })).toBe(1);
  expect(applied({ 'x-event-name': 'left' })).toBe(0);
  expect(applied({})).toBe(0);
});

it('a rule that runs over its time limit keeps nothing from the others', () => {
  const payload = { ...HIRED, name: `${'a'.repeat(60)}!` };
  const rules = [rule('$contains(name, /(a+)+$/)'), rule('type = "hired"')];
  const { taken, failed } = apply({ rules, payload });
  expect(failed).toEqual([{ rule: 0, field: 'when', reason: 'time_limit' }]);
  expect(taken).toMatchObject([{ rule: 1, email: 'casey@partner.example' }]);
});

it('takes for a reference what the domain takes for one', () => {
  const isTaken = (reference: string): boolean => {
    try {
      parseRequest({ channel: CHANNEL, emails: 'casey@partner.example', reference });
      return true;
    } catch {
      return false;
    }
  };
  const nearly = fc.string({ unit: fc.constantFrom('a', '9', '_', '.', ':', '-', ' ', 'é') });
  const long = fc.integer({ min: 60, max: 70 }).map((length) => 'x'.repeat(length));
  fc.assert(
    fc.property(fc.oneof(nearly, long, fc.string()), (reference) => {
      // No text at all is no reference, and not a wrong one.
      fc.pre(reference.trim() !== '');
      const [ask] = apply({
        rules: [rule('true', { reference: 'reference' })],
        payload: { ...HIRED, reference },
      }).taken;
      expect(ask?.reference).toBe(isTaken(reference) ? reference : undefined);
    }),
  );
});

it('says of every rule at most one thing, whatever its expressions come to', () => {
  const evaluation = fc.oneof(
    fc.constantFrom<Evaluation>(
      { value: true },
      { value: false },
      { value: undefined },
      { value: '' },
      { failed: 'error' },
      { failed: 'time_limit' },
    ),
    fc.string().map((value): Evaluation => ({ value })),
    fc.double().map((value): Evaluation => ({ value })),
  );
  const fields = fc.record({ when: evaluation, email: evaluation, id: evaluation });
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 5 }), fc.boolean(), (list, withId) => {
      const rules = list.map((_, index) => rule(`${index} when`, { email: `${index} email` }));
      const outcome = apply({
        rules,
        ...(withId && { lookup: { ...LOOKUP, id: '0 id' } }),
        by: (expression) => {
          const [index, field] = expression.split(' ');
          return list[Number(index)]?.[field as 'when'] ?? { failed: 'error' };
        },
      });
      const told = [...outcome.taken, ...outcome.failed, ...outcome.ignored];
      const numbers = told.flatMap((one) => ('rule' in one ? [one.rule] : []));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(told.length).toBeGreaterThan(0);
      for (const ask of outcome.taken) {
        expect([ask.email, ask.lookupId].filter((value) => value?.trim())).toHaveLength(1);
      }
    }),
  );
});
