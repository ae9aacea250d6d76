import { describe, expect, test } from 'vitest';
import { noteTicket } from '../../functions/aws/pace-table.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { put } from '../support/transition-cells.ts';
import type { Row } from '../support/transition-table.ts';
import { createWorld, newWorld } from '../support/world.ts';

describe('cancelling', () => {
  test('takes a request from the queue, and twice is once', async () => {
    const { enqueue, ledger, read, stored, inviteShared } = await newWorld();
    const request = newRequest();
    const { id } = await enqueue(request);
    const cancelled = {
      status: 'cancelled',
      attempts: 0,
      error: { class: 'Cancelled', code: 'cancelled' },
    };
    expect(await ledger.cancel(id, INVOCATION)).toMatchObject(cancelled);
    const left = await stored(request);
    expect(left?.queue).toBeUndefined();
    expect(await ledger.cancel(id, INVOCATION)).toMatchObject(cancelled);
    expect(await stored(request)).toEqual(left);
    expect(await read(request)).toMatchObject(cancelled);
    expect(inviteShared).not.toHaveBeenCalled();
  });

  test('ends the turn of those who wait for it with Cancelled, and sends nothing', async () => {
    const { enqueue, ledger, turn, inviteShared } = await newWorld();
    const queued = await enqueue(newRequest());
    await ledger.cancel(queued.id, INVOCATION);
    await expect(turn(queued)).rejects.toMatchObject({
      name: 'Cancelled',
      facts: { code: 'cancelled' },
    });
    expect(inviteShared).not.toHaveBeenCalled();
  });

  test('leaves the way free for the next request, which the old turn does not carry out', async () => {
    const { enqueue, ledger, turn, inviteShared } = await newWorld();
    const request = newRequest();
    const first = await enqueue(request);
    await ledger.cancel(first.id, INVOCATION);
    const second = await enqueue(request);
    expect(second.generation).toBeGreaterThan(first.generation);
    await expect(turn(first)).rejects.toMatchObject({ facts: { code: 'superseded' } });
    expect(await turn(second)).toMatchObject({ invite: { status: 'sent', attempts: 1 } });
    expect(inviteShared).toHaveBeenCalledOnce();
  });

  test('a resend leaves the invitation that is out as it was, and says what happened', async () => {
    const { send, enqueue, ledger, turn } = await newWorld();
    const request = newRequest();
    await send(request);
    const queued = await enqueue({ ...request, resend: 1 });
    expect(await ledger.cancel(queued.id, INVOCATION)).toMatchObject({
      status: 'sent',
      attempts: 1,
      error: { class: 'Cancelled' },
    });
    await expect(turn(queued)).rejects.toMatchObject({ name: 'Cancelled' });
  });

  test('is InProgress while somebody is at work on it', async () => {
    const { enqueue, ledger, clock } = await newWorld();
    const queued = await enqueue(newRequest());
    await ledger.claimTurn(queued, leasedUntil(clock.now() + 25_000));
    await expect(ledger.cancel(queued.id, INVOCATION)).rejects.toMatchObject({
      name: 'InProgress',
      status: 409,
    });
  });

  test.each<[Row, string]>([
    ['sent', 'cannot_take_back'],
    ['unknown', 'cannot_take_back'],
    ['accepted', 'cannot_take_back'],
    ['connected', 'cannot_take_back'],
    ['failed', 'nothing_to_cancel'],
    ['declined', 'nothing_to_cancel'],
    ['already_in_channel', 'nothing_to_cancel'],
  ])('an invite that is %s is a Conflict: %s', async (row, code) => {
    const { ledger, ledgerStore } = createWorld({ table: await newTable() });
    const request = newRequest();
    await put(ledgerStore, row, request);
    await expect(ledger.cancel(inviteId(request), INVOCATION)).rejects.toMatchObject({
      name: 'Conflict',
      status: 409,
      facts: { code },
    });
  });
});

describe('the ticket of a queued request', () => {
  test('is shown until it leaves the queue, and is not passed on to another execution', async () => {
    const { table, enqueue, ledger, read, clock, stored } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    expect(await read(request)).not.toHaveProperty('expected_at');
    await noteTicket(table, queued, clock.now() + 90_000, INVOCATION);
    const expected_at = new Date(clock.now() + 90_000).toISOString();
    expect(await read(request)).toMatchObject({ status: 'queued', expected_at });
    expect((await stored(request))?.invite).not.toHaveProperty('expected_at');
    const again = await ledger.enqueueAgain(queued, INVOCATION);
    expect(again.queued).toBeDefined();
    expect(await read(request)).not.toHaveProperty('expected_at');
  });

  test('is noted neither with an earlier wait nor with what has left the queue', async () => {
    const { table, enqueue, ledger, stored, clock } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    const earlier = { ...queued, generation: queued.generation - 1 };
    const before = await stored(request);
    await noteTicket(table, earlier, clock.now(), INVOCATION);
    expect(await stored(request)).toEqual(before);
    await ledger.cancel(queued.id, INVOCATION);
    const cancelled = await stored(request);
    await noteTicket(table, queued, clock.now(), INVOCATION);
    expect(await stored(request)).toEqual(cancelled);
  });

  test('moves when the turn finds no place', async () => {
    const { table, enqueue, turn, read, clock, gate } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    await noteTicket(table, queued, clock.now(), INVOCATION);
    await gate.holdOff('ratelimited', 60, INVOCATION);
    await expect(turn(queued)).rejects.toMatchObject({ name: 'RateLimited' });
    const { expected_at = '' } = (await read(request)) ?? {};
    expect(Date.parse(expected_at)).toBeGreaterThanOrEqual(clock.now() + 59_000);
  });
});
