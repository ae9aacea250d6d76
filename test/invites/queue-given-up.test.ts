import { describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld } from '../support/world.ts';

/** When the retries of an execution are used up, after 6 of 7 days or more. */
const LATE_MS = 6 * 86_400_000;

describe('giving up', () => {
  test.each([
    ['SlackUnavailable', 'SlackUnavailable'],
    ['Unavailable', 'Unavailable'],
    ['RateLimited', 'RateLimited'],
    ['Lambda.Unknown', 'Defect'],
    ['States.TaskFailed', 'Defect'],
    ['toString', 'Defect'],
  ])('after %s leaves a failed invite that shows %s', async (error, errorClass) => {
    const { enqueue, giveUp, read, stored, observe, clock } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    clock.advance(LATE_MS);
    expect(await giveUp(queued, error)).toBe(errorClass);
    expect(await read(request)).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { class: errorClass, code: 'given_up' },
    });
    expect((await stored(request))?.queue).toBeUndefined();
    expect(observe.queueWait.mock.calls).toEqual([[LATE_MS]]);
  });

  test.each(['NotAllowed', 'Conflict', 'Defect'])(
    'after %s ends it, however early',
    async (error) => {
      const { enqueue, giveUp, read } = await newWorld();
      const request = newRequest();
      expect(await giveUp(await enqueue(request), error)).toBe(error);
      expect(await read(request)).toMatchObject({ status: 'failed', error: { class: error } });
    },
  );

  test.each(['Unavailable', 'Lambda.Unknown', 'States.Timeout'])(
    'after %s leaves a request in the queue that was sent again, and has more than a day left',
    async (error) => {
      const { enqueue, giveUp, queue, stored, clock } = await newWorld();
      const request = newRequest();
      const queued = await enqueue(request);
      clock.advance(LATE_MS - 1);
      expect(await giveUp(queued, error)).toBeUndefined();
      clock.advance(LATE_MS / 6);
      await queue(request);
      const before = await stored(request);
      expect(await giveUp(queued, error)).toBeUndefined();
      expect(await stored(request)).toEqual(before);
    },
  );

  test('once the time is over writes that down', async () => {
    const { enqueue, giveUp, stored, clock } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    clock.advance(7 * 86_400_000);
    expect(await giveUp(queued, 'Lambda.Unknown')).toBeUndefined();
    const ended = await stored(request);
    expect(ended?.queue).toBeUndefined();
    expect(ended?.invite).toMatchObject({ status: 'failed', error: { code: 'queue_lapsed' } });
  });

  test('what was sent meanwhile changes nothing', async () => {
    const { enqueue, turn, giveUp, stored, observe } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    await turn(queued);
    const before = await stored(request);
    observe.queueWait.mockClear();
    expect(await giveUp(queued, 'Lambda.Unknown')).toBeUndefined();
    expect(await stored(request)).toEqual(before);
    expect(observe.queueWait).not.toHaveBeenCalled();
  });

  test('what has ended already, or waits anew, changes nothing', async () => {
    const { enqueue, giveUp, stored, ledger } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    await ledger.enqueueAgain(queued, INVOCATION);
    const anew = await stored(request);
    expect(await giveUp(queued, 'Lambda.Unknown')).toBeUndefined();
    expect(await stored(request)).toEqual(anew);

    const next = { ...queued, generation: anew?.queue?.generation as number };
    await giveUp(next, 'Lambda.Unknown');
    const ended = await stored(request);
    expect(await giveUp(next, 'Lambda.Unknown')).toBeUndefined();
    expect(await stored(request)).toEqual(ended);
  });

  test('waits for whoever is at work', async () => {
    const { enqueue, giveUp, ledger, clock } = await newWorld();
    const queued = await enqueue(newRequest());
    await ledger.claimTurn(queued, leasedUntil(clock.now() + 25_000));
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ name: 'InProgress' });
  });

  test('may be tried again where the table did not answer: the invite would read as queued', async () => {
    const table = await newTable();
    const store = ledgerTable(table);
    const write = vi.fn(store.write);
    const { enqueue, giveUp, read, observe, clock } = await newWorld({
      table,
      ledgerStore: { ...store, write },
    });
    const request = newRequest();
    const queued = await enqueue(request);
    clock.advance(LATE_MS);
    write.mockRejectedValueOnce(tableAway());
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ retryable: true });
    expect(await read(request)).toMatchObject({ status: 'queued' });
    expect(observe.queueWait).not.toHaveBeenCalled();
    expect(await giveUp(queued, 'SlackUnavailable')).toBe('SlackUnavailable');
    expect(await read(request)).toMatchObject({ status: 'failed' });
  });

  test('what was erased meanwhile changes nothing', async () => {
    const { ledgerStore, enqueue, giveUp, stored } = await newWorld();
    const request = newRequest();
    const queued = await enqueue(request);
    const { revision = '' } = (await stored(request)) ?? {};
    await ledgerStore.remove(queued.id, revision, INVOCATION);
    expect(await giveUp(queued, 'SlackUnavailable')).toBeUndefined();
    expect(await stored(request)).toBeUndefined();
  });
});

const tableAway = () => ownError('table_unavailable', { reason: 'Error' });
