import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUCKET_CAPACITY, createLimiter } from '../../infra/local/slack/limiter.ts';
import { startSlack } from '../support/local-slack.ts';

describe('the bucket', () => {
  test('lets its capacity through at once, then says when the next may pass', () => {
    const limiter = createLimiter(20, 20, () => 0);
    const waits = Array.from({ length: 21 }, () => limiter.take('a'));
    expect(waits).toEqual([...Array(20).fill(0), 3]);
  });

  test('refills at the rate, and no further than its capacity', () => {
    let now = 0;
    const limiter = createLimiter(2, 20, () => now);
    limiter.take('a');
    limiter.take('a');
    now = 2999;
    expect(limiter.take('a')).toBe(1);
    now = 3000;
    expect(limiter.take('a')).toBe(0);
    now = 1_000_000;
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([0, 0, 3]);
  });

  test('takes a clock that steps back for one that stands', () => {
    let now = 3_600_000;
    const limiter = createLimiter(2, 20, () => now);
    limiter.take('a');
    now = 0;
    expect(limiter.take('a')).toBe(0);
  });

  test('is one for each key', () => {
    const limiter = createLimiter(1, 20, () => 0);
    expect([limiter.take('a'), limiter.take('b'), limiter.take('a')]).toEqual([0, 0, 3]);
  });

  test('of a key that others have crowded out begins anew', () => {
    const limiter = createLimiter(1, 20, () => 0);
    limiter.take('first');
    limiter.take('used since');
    for (let n = 0; n < 9_999; n++) {
      limiter.take(`other-${n}`);
      limiter.take('used since');
    }
    expect([limiter.take('used since'), limiter.take('first')]).toEqual([3, 0]);
  });

  test('passes no more than capacity and refill in any time, and keeps its word', () => {
    const gaps = fc.array(fc.nat(5000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 6000 }), (steps, rate) => {
        let now = 0;
        const limiter = createLimiter(5, rate, () => now);
        let passed = 0;
        for (const step of steps) {
          now += step;
          const wait = limiter.take('a');
          if (wait === 0) passed += 1;
          else {
            now += wait * 1000;
            expect(limiter.take('a')).toBe(0);
            passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(5 + (now * rate) / 60_000 + 1e-3);
        }
      }),
    );
  });
});

test('the call after the burst is answered 429 with Retry-After, and sends nothing', async () => {
  let now = 1_800_000_000_000;
  const slack = await startSlack({ ratePerMinute: 20, now: () => now });
  for (let n = 0; n < BUCKET_CAPACITY; n++) expect((await slack.invite()).status).toBe(200);

  const limited = await slack.invite();
  expect(limited.status).toBe(429);
  expect(limited.headers.get('retry-after')).toBe('3');
  expect(await limited.json()).toEqual({ ok: false, error: 'ratelimited' });
  expect(await slack.sandbox('invites')).toHaveLength(BUCKET_CAPACITY);

  now += 3000;
  expect((await slack.invite()).status).toBe(200);
  await slack.close();
});

test('another workspace, and auth.test, are not held up by a limited one', async () => {
  const slack = await startSlack({ capacity: 1, ratePerMinute: 1 });
  await slack.invite();
  expect((await slack.invite()).status).toBe(429);

  const headers = { authorization: 'Bearer xoxb-local-cautious-invites' };
  const other = await slack.inviteJson('channel=C0CAUTIOUS1&emails=a@b.co', { headers });
  expect(other).toMatchObject({ ok: true });
  expect((await fetch(`${slack.apiUrl}auth.test`, { headers })).status).toBe(200);
  await slack.close();
});

test('two tokens of one app share the limit', async () => {
  const slack = await startSlack({ capacity: 1, ratePerMinute: 1 });
  await slack.invite();
  const headers = { authorization: 'Bearer xoxb-local-acme-rotated' };
  expect((await slack.invite(undefined, { headers })).status).toBe(429);
  await slack.close();
});
