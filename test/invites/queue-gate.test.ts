import { describe, expect, test } from 'vitest';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newWorld } from '../support/world.ts';

describe('a closed gate', () => {
  const busyGate = async () => {
    const world = await newWorld({
      pace: { ratePerMinute: 20, burst: 1 },
    });
    await world.send(newRequest());
    const request = newRequest();
    const queued = await world.enqueue(request);
    return { ...world, request, queued };
  };

  test('sends the turn away at once: it takes no place ahead of time', async () => {
    const { turn, queued, clock, gate, inviteShared } = await busyGate();
    const start = clock.now();
    await expect(turn(queued)).rejects.toMatchObject({
      name: 'RateLimited',
      facts: { code: 'gate_closed', retryAfter: 3, id: queued.id },
    });
    expect(clock.now()).toBe(start);
    expect(inviteShared).toHaveBeenCalledTimes(1);
    const [waited] = await clock.run([() => gate.pass(true, Number.POSITIVE_INFINITY, INVOCATION)]);
    expect(waited).toBe(3000);
  });

  test('leaves the ask in the queue as it was, and its next turn sends', async () => {
    const { turn, queued, request, read, clock, observe } = await busyGate();
    const before = await read(request);
    await expect(turn(queued)).rejects.toMatchObject({ name: 'RateLimited' });
    expect(await read(request)).toEqual({ ...before, expected_at: expect.any(String) });
    expect(observe.queueWait).not.toHaveBeenCalled();
    clock.advance(3000);
    expect(await turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test.each([
    { delay: 'has just come', delayMs: 0, retryAfter: 3 },
    { delay: 'is 30 s behind its ticket', delayMs: 30_000, retryAfter: 3 },
    { delay: 'is 5 min behind its ticket', delayMs: 300_000, retryAfter: 30 },
    { delay: 'is a day behind its ticket', delayMs: 86_400_000, retryAfter: 600 },
    // It waits a second by itself.
    { delay: 'comes before its ticket', delayMs: -60_000, retryAfter: 2 },
  ])('has a turn that $delay wait $retryAfter s', async ({ delayMs, retryAfter }) => {
    const { turn, queued, clock } = await busyGate();
    const late = turn(queued, clock.now() - delayMs);
    await expect(late).rejects.toMatchObject({ facts: { retryAfter } });
  });

  test('is alone in that: an unreachable Slack is told as it is', async () => {
    const { turn, queued, clock, inviteShared } = await busyGate();
    clock.advance(3000);
    inviteShared.mockResolvedValueOnce({ kind: 'not_sent', reason: 'unreachable' });
    const late = turn(queued, clock.now() - 86_400_000);
    await expect(late).rejects.toMatchObject({ facts: { retryAfter: 10 } });
  });
});
