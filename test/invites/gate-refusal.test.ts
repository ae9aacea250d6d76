import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateTable } from '../../functions/aws/pace-table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import { createGate } from '../../functions/invites/gate.ts';
import { patience, runs } from '../support/depth.ts';
import { INVOCATION, inOneInvocation } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);

const gateOf = (...args: Parameters<typeof createGate>) => inOneInvocation(createGate(...args));

const setUp = async (pace: { ratePerMinute: number; burst: number }) => {
  const clock = createVirtualClock();
  const store = gateTable(await newTable());
  return { clock, store, gate: gateOf(store, pace, clock) };
};

const refusalOf = async (pass: Promise<unknown>): Promise<InviteError | undefined> =>
  pass.then(
    () => undefined,
    (error: InviteError) => {
      expect(error).toMatchObject({ name: 'RateLimited', facts: { code: 'gate_closed' } });
      expect(error.facts.slackError).toBeUndefined();
      return error;
    },
  );

const paces = fc.record({
  ratePerMinute: fc.constantFrom(1, 7, 20, 600),
  burst: fc.integer({ min: 1, max: 4 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ ask: fc.constantFrom('emails', 'user_ids') }) },
    { weight: 2, arbitrary: fc.record({ wait: fc.constantFrom(1, 99, 1000, 8571, 60_000) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        holdOff: fc.constantFrom('ratelimited' as const, 'ratelimit' as const),
        seconds: fc.constantFrom(1, 7, 30, 3600),
      }),
    },
  ),
  { minLength: 4, maxLength: 14 },
);

describe('a hold-off and a refusal', () => {
  test(
    'nobody passes before the hold-off is over, and a refusal is honest and consumes nothing',
    SLOW,
    async () => {
      await fc.assert(
        fc.asyncProperty(paces, steps, async (pace, sequence) => {
          const { clock, store, gate } = await setUp(pace);
          const heldUntil = { ratelimited: 0, ratelimit: 0 };
          for (const step of sequence) {
            if ('wait' in step) clock.advance(step.wait);
            else if ('holdOff' in step) {
              await gate.holdOff(step.holdOff, step.seconds);
              const until = clock.now() + step.seconds * 1000;
              heldUntil[step.holdOff] = Math.max(heldUntil[step.holdOff], until);
            } else {
              const emails = step.ask === 'emails';
              const held = Math.max(heldUntil.ratelimited, emails ? heldUntil.ratelimit : 0);
              const before = await store.read(INVOCATION);
              const refused = await refusalOf(gate.pass(emails, clock.now()));
              if (!refused) {
                expect(clock.now()).toBeGreaterThanOrEqual(held);
                continue;
              }
              expect(await store.read(INVOCATION)).toEqual(before);
              clock.advance((refused.facts.retryAfter as number) * 1000);
              expect(clock.now()).toBeGreaterThanOrEqual(held);
              expect(await gate.pass(emails, clock.now())).toBe(0);
            }
          }
        }),
        runs(35),
      );
    },
  );

  test('a refusal asks for no more than a second beyond what is needed', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 7, burst: 1 });
    await gate.pass(true, clock.now());
    clock.advance(571); // of an interval of 8,572 ms
    const refused = await refusalOf(gate.pass(true, clock.now()));
    expect(refused?.facts.retryAfter).toBe(9);
  });

  test('a call that always comes too late is refused, not left to try for ever', async () => {
    const clock = createVirtualClock();
    const store = {
      ...gateTable(await newTable()),
      cell: () => ({ restart: async () => false, advance: async () => undefined }),
    };
    const gate = gateOf(store, { ratePerMinute: 20, burst: 5 }, clock);
    const refused = await refusalOf(gate.pass(true, clock.now()));
    expect(refused?.facts.retryAfter).toBe(3);
  });

  test('a hold-off stands against unused burst credit, and afterwards one call passes at a time', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 5 });
    await gate.holdOff('ratelimited', 30);
    clock.advance(29_999);
    expect(await refusalOf(gate.pass(true, clock.now()))).toBeDefined();
    clock.advance(1);
    expect(await gate.pass(true, clock.now())).toBe(0);
    expect(await refusalOf(gate.pass(true, clock.now()))).toBeDefined();
    clock.advance(3000);
    expect(await gate.pass(true, clock.now())).toBe(0);
  });

  test.each(['ratelimited', 'ratelimit'] as const)(
    'a shorter hold-off for %s never shortens a longer one',
    async (code) => {
      const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 5 });
      await gate.holdOff(code, 60);
      await gate.holdOff(code, 5);
      clock.advance(59_999);
      expect(await refusalOf(gate.pass(true, clock.now()))).toBeDefined();
      clock.advance(1);
      expect(await gate.pass(true, clock.now())).toBe(0);
    },
  );

  test('ratelimit holds off invitations by e-mail only', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 5 });
    await gate.holdOff('ratelimit', 30);
    const refused = await refusalOf(gate.pass(true, clock.now()));
    expect(refused?.facts.retryAfter).toBe(30);
    for (let place = 0; place < 5; place += 1) await gate.pass(false, clock.now());
    expect((await refusalOf(gate.pass(false, clock.now())))?.facts.retryAfter).toBe(3);
  });
});

describe('waiting', () => {
  test('lasts an interval and a second at most, and never past the time given', SLOW, async () => {
    const asks = fc.array(
      fc.record({
        // Up to when to wait, and how long Slack holds everybody off before.
        patienceMs: fc.constantFrom(0, 1, 900, 2999, 3000, 4000, 60_000),
        holdOff: fc.option(fc.constantFrom(1, 3, 4, 5, 20), { nil: 0 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(asks, fc.integer({ min: 1, max: 3 }), async (sequence, burst) => {
        const { clock, gate } = await setUp({ ratePerMinute: 20, burst });
        const doors = sequence.map(({ patienceMs, holdOff }) => async () => {
          if (holdOff) await gate.holdOff('ratelimited', holdOff);
          const start = clock.now();
          const latest = start + patienceMs;
          const waited = await gate.pass(true, latest).catch(() => undefined);
          expect(clock.now()).toBeLessThanOrEqual(Math.min(latest, start + 4000));
          if (waited !== undefined) expect(waited).toBe(clock.now() - start);
        });
        await clock.run(doors);
      }),
      runs(25),
    );
  });

  test('is in line: who comes later waits behind, or is told when a place is free', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 60, burst: 1 });
    const waits: number[] = [];
    const ask = async () => void waits.push(await gate.pass(true, Number.POSITIVE_INFINITY));
    const refusals: (InviteError | undefined)[] = [];
    const [, , , last] = await clock.run([
      ask,
      ask,
      ask,
      () => refusalOf(gate.pass(true, Infinity)),
    ]);
    refusals.push(last);
    expect(waits).toEqual([0, 1000, 2000]);
    expect(refusals.map((error) => error?.facts.retryAfter)).toEqual([3]);
  });

  test('who wants no place ahead of time takes none from those who wait', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 1 });
    await gate.pass(true, clock.now());
    for (let ask = 0; ask < 50; ask += 1) {
      expect((await refusalOf(gate.pass(true, clock.now())))?.facts.retryAfter).toBe(3);
    }
    await clock.run([
      async () => expect(await gate.pass(true, Number.POSITIVE_INFINITY)).toBe(3000),
    ]);
  });

  test.each(['ratelimited', 'ratelimit'] as const)(
    'ends with a refusal if Slack holds off with %s meanwhile',
    async (code) => {
      const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 1 });
      await gate.pass(true, clock.now());
      const [refused] = await clock.run([
        () => refusalOf(gate.pass(true, Number.POSITIVE_INFINITY)),
        async () => {
          await clock.sleep(1000);
          await gate.holdOff(code, 30);
          return undefined;
        },
      ]);
      expect(refused?.facts.retryAfter).toBe(28);
    },
  );

  test('is not begun when it would be in vain', async () => {
    const { clock, gate } = await setUp({ ratePerMinute: 20, burst: 1 });
    await gate.pass(true, clock.now());
    const start = clock.now();
    const [refused] = await clock.run([() => refusalOf(gate.pass(true, start + 2999))]);
    expect(refused?.facts.retryAfter).toBe(3);
    expect(clock.now()).toBe(start);
  });
});
