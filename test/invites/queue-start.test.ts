import { beforeEach, describe, expect, test, vi } from 'vitest';
import { inviteId } from '../../functions/invites/invite.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { refusedWith, workflowAway, workflowGone } from '../support/fakes.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newWorld, type World } from '../support/world.ts';

let world: World;
let request: InviteRequest;
beforeEach(async () => {
  world = await newWorld();
  request = newRequest();
});

const generations = () => world.start.mock.calls.map(([{ generation }]) => generation);

describe('an execution that runs', () => {
  test('is all that an ask needs to be told that it waits', async () => {
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(world.start.mock.calls).toEqual([[await world.enqueue(request), INVOCATION]]);
  });

  test('is started only once the ask is in the ledger', async () => {
    world.start.mockImplementationOnce(async ({ generation }) => {
      expect((await world.stored(request))?.queue?.generation).toBe(generation);
      return true;
    });
    await world.queue(request);
    expect(world.start).toHaveBeenCalledTimes(1);
  });

  test('is none for an invitation that was sent already', async () => {
    const { invite } = await world.send(request);
    expect(await world.queue(request)).toEqual(invite);
    expect(world.start).not.toHaveBeenCalled();
  });

  test('is left to whoever only puts the ask into the queue', async () => {
    await world.enqueue(request);
    expect(world.start).not.toHaveBeenCalled();
  });

  test('is looked for only where another call has put the ask into the queue', async () => {
    const isOver = vi.spyOn(world.executions, 'isOver');
    const queued = await world.enqueue(request);
    expect(isOver).not.toHaveBeenCalled();
    expect(await world.enqueue(request)).toEqual(queued);
    expect(isOver).toHaveBeenCalledTimes(1);
  });
});

describe('a start that nobody answered', () => {
  test('is no promise, and the ask stays in the queue', async () => {
    world.start.mockRejectedValueOnce(workflowAway());
    await expect(world.queue(request)).rejects.toMatchObject({
      name: 'Unavailable',
      facts: { id: inviteId(request) },
    });
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
  });

  test('is made up for by the next ask, under the same name', async () => {
    world.start.mockRejectedValueOnce(workflowAway());
    await world.queue(request).catch(() => undefined);
    world.clock.advance(5000);
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(new Set(generations()).size).toBe(1);
    expect(world.executions.names()).toHaveLength(1);
  });
});

describe('a start that cannot be', () => {
  const defect = () => world.start.mockRejectedValueOnce(workflowGone());

  test('leaves the ask in the queue: once the deployment is mended, the next ask starts it', async () => {
    defect();
    await expect(world.queue(request)).rejects.toMatchObject({
      name: 'Defect',
      facts: { id: inviteId(request) },
    });
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(await world.turn(await world.enqueue(request))).toMatchObject({ outcome: 'sent' });
    expect(world.inviteShared).toHaveBeenCalledTimes(1);
  });

  test('breaks no promise that another ask was given meanwhile', async () => {
    world.start.mockImplementationOnce(async () => {
      await world.queue(request);
      throw workflowGone();
    });
    await expect(world.queue(request)).rejects.toMatchObject({ name: 'Defect' });
    expect(await world.turn(await world.enqueue(request))).toMatchObject({ outcome: 'sent' });
  });

  test('leaves in the queue what another ask has put there', async () => {
    await world.queue(request);
    const before = await world.stored(request);
    defect();
    await expect(world.queue(request)).rejects.toMatchObject({ name: 'Defect' });
    expect(await world.stored(request)).toEqual(before);
  });

  test('leaves it there also if it had to be put there anew', async () => {
    await world.queue(request);
    world.executions.end(await world.enqueue(request));
    world.start.mockImplementationOnce(world.executions.start);
    defect();
    await expect(world.queue(request)).rejects.toMatchObject({ name: 'Defect' });
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(await world.turn(await world.enqueue(request))).toMatchObject({ outcome: 'sent' });
  });
});

describe('an execution that is over', () => {
  /** Somebody’s ask waits, and its execution ends before this one’s start. */
  const over = async (end: (queued: QueueKey) => Promise<unknown>) => {
    await world.queue(request);
    const queued = await world.enqueue(request);
    world.start.mockImplementationOnce(async () => {
      await end(queued).catch(() => undefined);
      world.executions.end(queued);
      return world.executions.start(queued);
    });
    return queued;
  };

  test('after it had sent: the invitation is returned', async () => {
    await over((queued) => world.turn(queued));
    expect(await world.queue(request)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(world.executions.names()).toHaveLength(1);
  });

  test('after it had failed: the ask is in the queue anew, as a failed one may be asked again', async () => {
    world.inviteShared.mockResolvedValueOnce(refusedWith('restricted_action'));
    await over((queued) => world.turn(queued));
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(world.executions.names()).toHaveLength(2);
    expect(await world.turn(await world.enqueue(request))).toMatchObject({ outcome: 'sent' });
    expect(world.inviteShared).toHaveBeenCalledTimes(2);
  });

  test('without an outcome: another one is started, for the next generation', async () => {
    const { generation } = await over(async () => undefined);
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
    expect(generations()).toEqual([generation, generation, generation + 1]);
    expect((await world.enqueue(request)).generation).toBe(generation + 1);
  });

  test('while its function is still at work: the ask waits for that', async () => {
    await over((queued) => world.ledger.claimTurn(queued, leasedUntil(world.clock.now() + 25_000)));
    await expect(world.queue(request)).rejects.toMatchObject({
      name: 'InProgress',
      facts: { id: inviteId(request) },
    });
    expect(world.executions.names()).toHaveLength(1);
  });

  test('and whose item was erased meanwhile: the ask is to be asked again', async () => {
    await over(async ({ id }) => {
      const item = await world.stored(request);
      await world.ledgerStore.remove(id, item?.revision as string, INVOCATION);
    });
    await expect(world.queue(request)).rejects.toMatchObject({ name: 'InProgress' });
    world.clock.advance(1000);
    expect(await world.queue(request)).toMatchObject({ status: 'queued' });
  });

  test('found so by many asks at once has one other started', async () => {
    await world.queue(request);
    world.executions.end(await world.enqueue(request));
    const asks = Array.from({ length: 5 }, () => world.queue(request));
    for (const invite of await Promise.all(asks)) expect(invite.status).toBe('queued');
    expect(world.executions.isRunning(await world.enqueue(request))).toBe(true);
    expect(world.executions.names()).toHaveLength(2);
  });

  test('again and again: the ask gives up after a few, which is no promise', async () => {
    world.start.mockResolvedValue(false);
    await expect(world.queue(request)).rejects.toMatchObject({
      name: 'Unavailable',
      facts: { code: 'workflow_ends_at_once', retryAfter: 30, id: inviteId(request) },
    });
    expect(new Set(generations()).size).toBe(4);
    expect(world.start).toHaveBeenCalledTimes(4);
    expect(await world.read(request)).toMatchObject({ status: 'queued' });
  });
});
