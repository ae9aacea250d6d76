import { describe, expect, test } from 'vitest';
import { type InviteError, ownError } from '../../functions/errors/invite-error.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { DOOR, newRequest } from '../support/requests.ts';
import { newWorld } from '../support/world.ts';

const superseded = { name: 'Conflict', facts: { code: 'superseded' } };

describe('a turn of an older generation', () => {
  const inNextGeneration = async () => {
    const world = await newWorld();
    const request = newRequest();
    const old = await world.enqueue(request);
    const { queued } = await world.ledger.enqueueAgain(old, INVOCATION);
    if (!queued) throw new Error('the ask does not wait any more');
    return { ...world, request, old, queued };
  };

  test('never sends, and leaves the next one its turn', async () => {
    const { turn, old, queued, stored, request, inviteShared } = await inNextGeneration();
    const before = await stored(request);
    await expect(turn(old)).rejects.toMatchObject(superseded);
    expect(await stored(request)).toEqual(before);
    expect(inviteShared).not.toHaveBeenCalled();
    expect(await turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test('never passes off the outcome of the next as its own', async () => {
    const { turn, old, queued, inviteShared } = await inNextGeneration();
    await turn(queued);
    await expect(turn(old)).rejects.toMatchObject(superseded);
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });

  test('is told so also after the item was erased', async () => {
    const { turn, old, request, stored, ledgerStore, inviteShared } = await inNextGeneration();
    const item = await stored(request);
    await ledgerStore.remove(old.id, item?.revision as string, INVOCATION);
    await expect(turn(old)).rejects.toMatchObject(superseded);
    expect(inviteShared).not.toHaveBeenCalled();
  });
});

describe('while somebody else is at work,', () => {
  test('a turn waits for them, and so does an ask', async () => {
    const { enqueue, turn, queue, send, ledger, clock } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    await ledger.claimTurn(queued, leasedUntil(clock.now() + 25_000));
    const busy = { name: 'InProgress', facts: { retryAfter: 5, id: queued.id } };
    await expect(turn(queued)).rejects.toMatchObject(busy);
    await expect(queue(request)).rejects.toMatchObject(busy);
    await expect(send(request)).rejects.toMatchObject(busy);
    clock.advance(25_000);
    expect(await turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test('the invite still shows that it waits', async () => {
    const { queue, enqueue, read, ledger, clock } = await newWorld();
    const request = newRequest();
    const invite = await queue(request);
    await ledger.claimTurn(await enqueue(request), leasedUntil(clock.now() + 25_000));
    expect(await read(request)).toEqual(invite);
  });

  test('of many turns at once one sends', async () => {
    const { enqueue, turn, inviteShared } = await newWorld();
    const queued = await enqueue(newRequest());
    const turns = Array.from({ length: 5 }, () => turn(queued).then(({ outcome }) => outcome));
    const ends = await Promise.allSettled(turns);
    expect(ends.filter((end) => end.status === 'fulfilled' && end.value === 'sent')).toHaveLength(
      1,
    );
    expect(inviteShared).toHaveBeenCalledTimes(1);
  });
});

describe('a turn that comes back after its lease', () => {
  const slow = async () => {
    const world = await newWorld();
    const request = newRequest();
    const queued = await world.enqueue(request);
    const asked = await world.ledger.claimTurn(queued, leasedUntil(world.clock.now() + 25_000));
    if (!('claim' in asked)) throw new Error('the ask does not wait');
    world.clock.advance(25_000);
    return { ...world, request, queued, claim: asked.claim };
  };

  test('cannot mark the invite any more, and its ask still waits', async () => {
    const { claim, turn, queued } = await slow();
    await expect(claim.sending(DOOR)).rejects.toMatchObject({ name: 'InProgress' });
    expect(await turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test.each<[string, InviteError | undefined]>([
    ['nothing', undefined],
    ['what can be tried again', ownError('out_of_time')],
    ['what is final', ownError('email_domain_denied', { domain: 'a.example' })],
  ])('changes nothing of what the next has done, whatever it ends with: %s', async (_, reason) => {
    const { claim, turn, queued, request, stored } = await slow();
    await turn(queued);
    const before = await stored(request);
    await claim.release(reason);
    expect(await stored(request)).toEqual(before);
  });
});
