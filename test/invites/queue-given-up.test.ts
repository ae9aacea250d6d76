import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { gateTable } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createQueueing } from './queueing.ts';

let table: Table;
beforeAll(async () => {
  table = await newTable();
});

const setUp = async (setting: Partial<Parameters<typeof createQueueing>[0]> = {}) =>
  createQueueing({
    ledgerStore: ledgerTable(table),
    gateStore: gateTable(await newTable()),
    ...setting,
  });

describe('giving up', () => {
  test.each([
    ['SlackUnavailable', 'SlackUnavailable'],
    ['Unavailable', 'Unavailable'],
    ['RateLimited', 'RateLimited'],
    ['Lambda.Unknown', 'Defect'],
    ['States.TaskFailed', 'Defect'],
    ['toString', 'Defect'],
  ])('after %s leaves a failed invite that shows %s', async (error, errorClass) => {
    const { enqueue, giveUp, read, stored, observe, clock } = await setUp();
    const request = newRequest();
    const queued = await enqueue(request);
    clock.advance(60_000);
    expect(await giveUp(queued, error)).toBe(errorClass);
    expect(await read(request)).toMatchObject({
      status: 'failed',
      attempts: 0,
      error: { class: errorClass, code: 'given_up' },
    });
    expect((await stored(request))?.queue).toBeUndefined();
    expect(observe.queueWait.mock.calls).toEqual([[60_000]]);
  });

  test('what was sent meanwhile changes nothing', async () => {
    const { enqueue, turn, giveUp, stored, observe } = await setUp();
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
    const { enqueue, giveUp, stored, ports } = await setUp();
    const request = newRequest();
    const queued = await enqueue(request);
    await ports.ledger.enqueueAgain(queued, INVOCATION);
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
    const { enqueue, giveUp, ports, clock } = await setUp();
    const queued = await enqueue(newRequest());
    await ports.ledger.claimTurn(queued, leasedUntil(clock.now() + 25_000));
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ name: 'InProgress' });
  });

  test('may be tried again where the table did not answer: the invite would read as queued', async () => {
    const store = ledgerTable(table);
    const write = vi.fn(store.write);
    const { enqueue, giveUp, read, observe } = await setUp({
      ledgerStore: { ...store, write },
    });
    const request = newRequest();
    const queued = await enqueue(request);
    write.mockRejectedValueOnce(tableAway());
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ retryable: true });
    expect(await read(request)).toMatchObject({ status: 'queued' });
    expect(observe.queueWait).not.toHaveBeenCalled();
    expect(await giveUp(queued, 'SlackUnavailable')).toBe('SlackUnavailable');
    expect(await read(request)).toMatchObject({ status: 'failed' });
  });

  test('what was erased meanwhile changes nothing', async () => {
    const { enqueue, giveUp, stored } = await setUp();
    const request = newRequest();
    const queued = await enqueue(request);
    const { revision = '' } = (await stored(request)) ?? {};
    await ledgerTable(table).remove(queued.id, revision, INVOCATION);
    expect(await giveUp(queued, 'SlackUnavailable')).toBeUndefined();
    expect(await stored(request)).toBeUndefined();
  });
});

const tableAway = () => ownError('table_unavailable', { reason: 'Error' });
