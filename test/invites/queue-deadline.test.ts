import { beforeEach, describe, expect, test } from 'vitest';
import type { QueueKey } from '../../functions/invites/queue.ts';
import { QUEUE_LIFETIME_MS, WORKFLOW_TIMEOUT_S } from '../../functions/lib/times.ts';
import { refusedWith, workflowAway } from '../support/fakes.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const LAPSED = {
  class: 'Unavailable',
  code: 'queue_lapsed',
  at: '2030-01-08T00:00:00.000Z',
};

/** An ask whose execution never came to it, in its last moment. */
const nearlyLapsed = async () => {
  const request = newRequest();
  const queued = await world.enqueue(request);
  world.clock.advance(QUEUE_LIFETIME_MS - 1);
  return { request, queued };
};
const lapsed = async () => {
  const asked = await nearlyLapsed();
  world.clock.advance(1);
  return asked;
};

describe('the time in the queue', () => {
  test('is a week, and no execution outlives it', () => {
    expect(QUEUE_LIFETIME_MS).toBe(7 * 86_400_000);
    expect(WORKFLOW_TIMEOUT_S * 1000).toBeLessThan(QUEUE_LIFETIME_MS);
  });

  test('may be used up to the last moment', async () => {
    const { request, queued } = await nearlyLapsed();
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
    expect(await world.turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test('does not begin anew with another execution', async () => {
    const { request, queued } = await nearlyLapsed();
    const again = await world.ledger.enqueueAgain(queued, INVOCATION);
    expect(again.queued?.generation).toBeGreaterThan(queued.generation);
    world.clock.advance(1);
    expect(await world.read(request)).toMatchObject({ status: 'failed', error: LAPSED });
  });

  test('begins anew for whoever asks again, whose execution is over', async () => {
    const { request } = await nearlyLapsed();
    world.start.mockResolvedValueOnce(false);
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    world.clock.advance(QUEUE_LIFETIME_MS - 1);
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
  });

  test.each([0, 49, 51, 59, 7 * 24 * 60 - 20])(
    'lasts for the whole of a workflow that was not started until minute %i, and nine minutes more',
    async (minutes) => {
      const request = newRequest();
      world.start.mockRejectedValueOnce(workflowAway());
      await expect(world.queue(request)).rejects.toMatchObject({ name: 'Unavailable' });
      world.clock.advance(minutes * 60_000);
      expect(await world.queue(request)).toMatchObject({ status: 'queued' });
      const queued = world.start.mock.calls.at(-1)?.[0] as QueueKey;
      expect(world.start.mock.calls[0]?.[0]).toEqual(queued);
      world.clock.advance(9 * 60_000 + WORKFLOW_TIMEOUT_S * 1000);
      expect(await world.turn(queued)).toMatchObject({ outcome: 'sent' });
    },
  );

  test('is not written anew for an ask that is repeated at once', async () => {
    const request = newRequest();
    await world.queue(request);
    const before = await world.stored(request);
    await world.queue(request);
    expect(await world.stored(request)).toEqual(before);
  });

  test('is measured from the first of them', async () => {
    const queued = await world.enqueue(newRequest());
    world.clock.advance(60_000);
    const again = await world.ledger.enqueueAgain(queued, INVOCATION);
    world.clock.advance(1);
    await world.turn({ ...queued, ...again.queued });
    expect(world.observe.queueWait.mock.calls).toEqual([[60_001]]);
  });

  test('is not over while a function is at work', async () => {
    const { request, queued } = await nearlyLapsed();
    await world.ledger.claimTurn(queued, leasedUntil(world.clock.now() + 25_000));
    world.clock.advance(24_999);
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
    await expect(world.send(request)).rejects.toMatchObject({ name: 'InProgress' });
    world.clock.advance(1);
    expect(await world.read(request)).toMatchObject({ status: 'failed', error: LAPSED });
  });

  test('is over also if its last turn put the ask back', async () => {
    const { request, queued } = await nearlyLapsed();
    world.inviteShared.mockImplementationOnce(async () => {
      world.clock.advance(1000);
      return refusedWith('service_unavailable');
    });
    await expect(world.turn(queued)).rejects.toMatchObject({ name: 'SlackUnavailable' });
    expect(await world.read(request)).toMatchObject({ status: 'failed', error: LAPSED });
  });
});

describe('an ask that lapsed', () => {
  test('reads as failed, with an error that says that nothing was sent', async () => {
    const { request } = await lapsed();
    expect(await world.read(request)).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: LAPSED,
      updated_at: LAPSED.at,
    });
  });

  test('may be claimed by whoever asks next', async () => {
    const { request } = await lapsed();
    expect(await world.send(request)).toMatchObject({ outcome: 'sent', invite: { attempts: 1 } });
    expect((await world.stored(request))?.queue).toBeUndefined();
  });

  test('may be put into the queue anew, for another execution', async () => {
    const { request, queued } = await lapsed();
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    const next = await world.enqueue(request);
    expect(next.generation).toBeGreaterThan(queued.generation);
    expect(await world.turn(next)).toMatchObject({ outcome: 'sent' });
  });

  test('may be asked for with other terms', async () => {
    const { request } = await lapsed();
    const other = await world.send({ ...request, external_limited: false });
    expect(other).toMatchObject({ outcome: 'sent', invite: { external_limited: false } });
  });

  test('is sent by no turn any more: who looked was told that it failed', async () => {
    const { request, queued } = await lapsed();
    const superseded = { name: 'Conflict', facts: { code: 'superseded' } };
    await expect(world.turn(queued)).rejects.toMatchObject(superseded);
    await world.queue(request);
    await expect(world.turn(queued)).rejects.toMatchObject(superseded);
    expect(world.inviteShared).not.toHaveBeenCalled();
  });

  test('leaves an earlier invitation as it was, with the error noted', async () => {
    const request = newRequest();
    const { invite } = await world.send(request);
    const resend = { ...request, resend: 1 };
    await world.enqueue(resend);
    world.clock.advance(QUEUE_LIFETIME_MS);
    expect(await world.read(request)).toEqual({ ...invite, error: LAPSED, updated_at: LAPSED.at });
    expect(await world.queue(request)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(await world.send(resend)).toMatchObject({ outcome: 'sent', invite: { attempts: 2 } });
  });
});
