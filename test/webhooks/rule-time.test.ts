import { describe, expect, it, vi } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { EXPRESSION_MS, LEAST_EXPRESSION_MS, RULES_MS } from '../../functions/lib/times.ts';
import { createSandbox, type Sandbox } from '../../functions/webhooks/expression.ts';
import { applyRules, createRuleTime } from '../../functions/webhooks/rules.ts';
import { rule } from './receive.world.ts';

/**
 * A clock that only expressions move: what is called slow runs until it is stopped, and another for
 * as many milliseconds as its text says.
 */
const setUp = (tries: number, end = Number.POSITIVE_INFINITY) => {
  let now = 0;
  const evaluate = vi.fn<Sandbox['evaluate']>((expression, _event, _body, limit) => {
    const needed = expression === 'slow' ? Number.POSITIVE_INFINITY : Number(expression);
    now += Math.min(needed, limit);
    return needed > limit ? { failed: 'time_limit' } : { value: true };
  });
  const nextRule = createRuleTime({ sandbox: { evaluate }, tries, end, now: () => now });
  return {
    now: () => now,
    /** Tries one rule on one event. */
    tryOn: (expression: string) => nextRule()(expression, {}, {}),
    /** One rule of several expressions. */
    tryAll: (...expressions: string[]) => {
      const evaluateHere = nextRule();
      return expressions.map((expression) => evaluateHere(expression, {}, {}));
    },
    limits: () => evaluate.mock.calls.map((call) => call[3]),
  };
};
const times = (count: number, act: () => void) => {
  for (let time = 0; time < count; time += 1) act();
};

describe('the time of a delivery', () => {
  it('gives a rule all that one may have, where there are few', () => {
    const { tryOn, limits } = setUp(6);
    times(6, () => tryOn('1'));
    expect(limits()).toEqual(Array(6).fill(EXPRESSION_MS));
  });

  it('is shared fairly among the rules and events to come', () => {
    const { tryOn, limits } = setUp(30);
    times(30, () => tryOn('slow'));
    expect(limits()).toEqual(Array(30).fill(RULES_MS / 30));
  });

  it('leaves what one does not use to the others', () => {
    const { tryOn, limits } = setUp(30);
    times(15, () => tryOn('10'));
    tryOn('slow');
    expect(limits().at(-1)).toBe((RULES_MS - 150) / 15);
  });

  it('counts what is below its limit too: a hundred of 35 ms do not pass for none', () => {
    const { tryOn, now, limits } = setUp(100);
    times(100, () => tryOn('35'));
    expect(limits()).toEqual(Array(100).fill(LEAST_EXPRESSION_MS));
    expect(now()).toBe(100 * LEAST_EXPRESSION_MS);
  });

  it('is that of a rule once, however many expressions it has', () => {
    const { tryAll, limits } = setUp(30);
    tryAll('slow', 'slow', 'slow');
    const shares = [RULES_MS / 30, (RULES_MS - 50) / 30, (RULES_MS - 98) / 30];
    expect(limits()).toEqual(shares.map(Math.round));
  });

  it('has at least as much for each as most of them need several times, when it is used up', () => {
    const { tryOn, limits } = setUp(1000);
    times(200, () => tryOn('slow'));
    expect(tryOn('10')).toEqual({ value: true });
    expect(new Set(limits())).toEqual(new Set([LEAST_EXPRESSION_MS]));
  });

  it.each([1, 3, 50, 99])(
    'is not taken from the others by an expression that runs over on %i of a hundred events',
    (bad) => {
      for (const badFirst of [true, false]) {
        const { tryOn, now } = setUp(200);
        for (let event = 0; event < 100; event += 1) {
          const isBad = badFirst ? event < bad : event >= 100 - bad;
          expect(tryOn(isBad ? 'slow' : '5')).toEqual(
            isBad ? { failed: 'time_limit' } : { value: true },
          );
          expect(tryOn('5')).toEqual({ value: true });
        }
        expect(now()).toBeLessThanOrEqual(RULES_MS + 200 * LEAST_EXPRESSION_MS);
      }
    },
  );
});

describe('after its end', () => {
  const errorOf = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return expect.unreachable();
  };

  it('nothing is evaluated, and the sender has to repeat the delivery', () => {
    const { tryOn, limits } = setUp(1000, 5000);
    times(5000 / LEAST_EXPRESSION_MS, () => tryOn('slow'));
    const error = errorOf(() => tryOn('1'));
    expect(error).toBeInstanceOf(InviteError);
    expect(error).toMatchObject({
      status: 503,
      retryable: true,
      facts: { code: 'rules_too_slow' },
    });
    expect(limits()).toHaveLength(5000 / LEAST_EXPRESSION_MS);
  });

  it('the rest of a rule is not evaluated either', () => {
    const { tryAll } = setUp(1, 10);
    expect(errorOf(() => tryAll('11', '1'))).toMatchObject({ facts: { code: 'rules_too_slow' } });
  });
});

describe('with the sandbox itself', () => {
  const NAMES = /^(\w+\s?)+$/;
  const slow = rule(`$contains(name, ${NAMES})`);
  /** All times are so many times as long: a machine that others use as well is as fast as its clock. */
  const PATIENCE = 10;
  const patientSandbox = (): Pick<Sandbox, 'evaluate'> => {
    const { evaluate } = createSandbox();
    return {
      evaluate: (expression, event, body, limitMs, headers) =>
        evaluate(expression, event, body, PATIENCE * limitMs, headers),
    };
  };
  const innocent = rule('$contains(email, /@partner\\.example$/) and $uppercase(name) != ""');

  it.each([1, 3, 50])(
    'a regular expression that backtracks on %i of a hundred events keeps nobody else out',
    { timeout: 120_000 },
    (bad) => {
      const events = Array.from({ length: 100 }, (_, index) => ({
        name: index < bad ? `${'a'.repeat(60)}!` : `Person ${index}`,
        email: `person-${index}@partner.example`,
      }));
      const rules = [slow, innocent];
      const nextRule = createRuleTime({
        sandbox: patientSandbox(),
        tries: events.length * rules.length,
        end: Number.POSITIVE_INFINITY,
        now: () => Date.now() / PATIENCE,
      });
      const outcomes = events.map((payload) =>
        applyRules({ rules }, { payload, body: events }, nextRule),
      );
      const takenBy = outcomes.map(({ taken }) => taken.map((match) => match.rule));
      expect(takenBy).toEqual(events.map((_, index) => (index < bad ? [1] : [0, 1])));
      expect(outcomes.flatMap(({ failed }) => failed)).toEqual(
        Array(bad).fill({ rule: 0, field: 'when', reason: 'time_limit' }),
      );
    },
  );
});
