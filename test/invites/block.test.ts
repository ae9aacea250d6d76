import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError, ownError } from '../../functions/errors/invite-error.ts';
import { createBlock } from '../../functions/invites/block.ts';
import { memoryBlock } from '../support/block-store.ts';
import { patience, runs } from '../support/depth.ts';
import { INVOCATION } from '../support/invocation.ts';

const MINUTE_MS = 60_000;
const HALF_AN_HOUR_MS = 30 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
const START = Date.parse('2030-01-01T00:00:00Z');

type Look = { at: number; waitMs: number; ageMs: number };

/**
 * Requests that take their turns, 3 s apart, until each is sent; in virtual time, one after the other.
 * @param mendedMs when the token is put in, after the first turn.
 * @param random from 0 to 1, for the block.
 */
const simulate = async (requests: number, mendedMs: number, random: () => number) => {
  const store = memoryBlock();
  let now = START;
  const block = createBlock(store, () => now, random);
  const calls: number[] = [];
  const sent: number[] = [];
  const looks: Look[] = [];
  const agenda = Array.from({ length: requests }, (_, index) => START + 3000 * index);

  const turn = async (): Promise<number | undefined> => {
    try {
      const probe = await block.enter(INVOCATION);
      await probe?.take();
      calls.push(now);
      if (now < START + mendedMs) {
        throw await block.raise(ownError('no_token'), now - START, INVOCATION);
      }
      if (probe) await block.lift(INVOCATION);
      sent.push(now);
      return undefined;
    } catch (error) {
      if (!(error instanceof InviteError) || error.name !== 'Blocked') throw error;
      const waitMs = (error.facts.retryAfter as number) * 1000;
      looks.push({ at: now, waitMs, ageMs: now - (store.current()?.since ?? now) });
      return now + waitMs;
    }
  };
  while (agenda.length > 0) {
    agenda.sort((one, other) => one - other);
    now = agenda.shift() as number;
    const next = await turn();
    if (next !== undefined) agenda.push(next);
  }
  return { calls, sent, looks, mendedAt: START + mendedMs };
};

const RANDOM = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
const taking = (stream: Iterator<number>) => () => stream.next().value as number;

describe('requests that wait behind a block', () => {
  const within = async (
    minMs: number,
    maxMs: number,
    check: (world: Awaited<ReturnType<typeof simulate>>, requests: number) => void,
  ) => {
    const mended = fc.integer({ min: minMs, max: maxMs });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), mended, RANDOM, async (n, at, stream) => {
        check(await simulate(n, at, taking(stream)), n);
      }),
      runs(60),
    );
  };
  const lastWait = ({ sent, mendedAt }: { sent: number[]; mendedAt: number }) =>
    Math.max(...sent) - mendedAt;

  test('are all sent within 90 s of the repair, in the first half hour', patience(60_000), () =>
    within(200_000, HALF_AN_HOUR_MS - 1, (world, requests) => {
      expect(world.sent).toHaveLength(requests);
      expect(lastWait(world)).toBeLessThanOrEqual(90_000);
    }),
  );

  test('are all sent within 15 minutes of the repair, later', patience(60_000), () =>
    within(HALF_AN_HOUR_MS, 7 * 24 * 60 * MINUTE_MS, (world, requests) => {
      expect(world.sent).toHaveLength(requests);
      expect(lastWait(world)).toBeLessThanOrEqual(QUARTER_MS);
    }),
  );

  test('call Slack once in 60 s at most, until it is gone', patience(60_000), () =>
    within(200_000, 24 * 60 * MINUTE_MS, ({ calls, mendedAt }) => {
      const blocked = calls.filter((at) => at < mendedAt);
      for (const [index, at] of blocked.slice(1).entries()) {
        expect(at - (blocked[index] as number)).toBeGreaterThanOrEqual(MINUTE_MS);
      }
    }),
  );

  test('look again within a minute, and after half an hour within 15', patience(60_000), () =>
    within(200_000, 24 * 60 * MINUTE_MS, ({ looks }) => {
      for (const { waitMs, ageMs } of looks) {
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(ageMs < HALF_AN_HOUR_MS ? MINUTE_MS : QUARTER_MS);
      }
    }),
  );

  test('fit 7 days into the events of an execution', async () => {
    const { looks } = await simulate(1, 7 * 24 * 60 * MINUTE_MS, () => 0);
    // A round takes 7 of 25,000.
    expect(looks.length * 7).toBeLessThan(25_000);
  });

  test.each([
    [1, 260],
    [7, 1120],
  ])('cost what docs/cost.md says: %i days take %i looks at most', async (days, most) => {
    const { looks } = await simulate(20, days * 24 * 60 * MINUTE_MS, () => 0.5);
    expect(looks.length / 20).toBeLessThanOrEqual(most);
  });
});

describe('where the block itself cannot be written', () => {
  const away = async () => {
    throw ownError('table_misconfigured', { reason: 'AccessDeniedException' });
  };

  test.each([
    [0, 60],
    [10 * MINUTE_MS, 60],
    [60 * MINUTE_MS, 120],
    [24 * 60 * MINUTE_MS, 600],
  ])('a request that has waited %s ms looks again after %s s', async (waitedMs, seconds) => {
    const block = createBlock({ ...memoryBlock(), read: away }, () => START);
    const error = await block.raise(ownError('no_token'), waitedMs, INVOCATION);
    expect(error).toMatchObject({ name: 'Blocked', facts: { retryAfter: seconds } });
  });
});

test('a block names what stands in the way, and whom it waits for', async () => {
  const block = createBlock(memoryBlock(), () => START);
  const error = await block.raise(ownError('no_token'), 0, INVOCATION);
  expect(error.facts.detail).toContain('SlackCredentials (no_token)');
  expect(error.facts.detail).toContain('operator');
});
