import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { gateTable } from '../../functions/runtime/gate-table.ts';
import { ledgerTable } from '../../functions/runtime/ledger-table.ts';
import type { Table } from '../../functions/runtime/table.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { askForSomeone } from './asks.ts';
import { createQueueing } from './queueing.ts';

let dynalite: Dynalite;
let table: Table;
beforeAll(async () => {
  dynalite = await startDynalite();
  table = await dynalite.table();
});
afterAll(() => dynalite.close());

const setUp = async (setting: Partial<Parameters<typeof createQueueing>[0]> = {}) =>
  createQueueing({
    ledgerStore: ledgerTable(table),
    gateStore: gateTable(await dynalite.table()),
    ...setting,
  });

describe('giving up', () => {
  test.each([
    ['SlackUnavailable', 'SlackUnavailable'],
    ['RateLimited', 'RateLimited'],
    ['Lambda.Unknown', 'Defect'],
    ['States.TaskFailed', 'Defect'],
    ['toString', 'Defect'],
  ])('after %s leaves a failed invite that shows %s', async (error, errorClass) => {
    const { enqueue, giveUp, read, stored, observe, clock } = await setUp();
    const request = askForSomeone();
    const queued = await enqueue(request);
    clock.advance(60_000);
    const ended = await giveUp(queued, error);
    expect(ended).toMatchObject({ errorClass, invite: { status: 'failed', attempts: 0 } });
    expect(await read(request)).toEqual(ended.invite);
    expect(ended.invite.error).toMatchObject({ class: errorClass, code: 'given_up' });
    expect((await stored(request))?.queue).toBeUndefined();
    expect(observe.queueWait.mock.calls).toEqual([[60_000]]);
  });

  test('what was sent meanwhile changes nothing', async () => {
    const { enqueue, turn, giveUp, stored } = await setUp();
    const request = askForSomeone();
    const queued = await enqueue(request);
    await turn(queued);
    const before = await stored(request);
    expect(await giveUp(queued, 'Lambda.Unknown')).toEqual({ invite: before?.invite });
    expect(await stored(request)).toEqual(before);
  });

  test('what has ended already, or waits anew, changes nothing', async () => {
    const { enqueue, giveUp, stored, ports } = await setUp();
    const request = askForSomeone();
    const queued = await enqueue(request);
    await ports.ledger.enqueueAgain(queued);
    const anew = await stored(request);
    await expect(giveUp(queued, 'Lambda.Unknown')).rejects.toMatchObject({ name: 'Conflict' });
    expect(await stored(request)).toEqual(anew);

    const next = { ...queued, generation: anew?.queue?.generation as number };
    await giveUp(next, 'Lambda.Unknown');
    const ended = await stored(request);
    await expect(giveUp(next, 'Lambda.Unknown')).rejects.toMatchObject({ name: 'Defect' });
    expect(await stored(request)).toEqual(ended);
  });

  test('waits for whoever is at work', async () => {
    const { enqueue, giveUp, ports, clock } = await setUp();
    const queued = await enqueue(askForSomeone());
    await ports.ledger.claimTurn(queued, clock.now() + 25_000);
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ name: 'InProgress' });
  });

  test('may be tried again where the table did not answer: the invite would read as queued', async () => {
    const store = ledgerTable(table);
    const write = vi.fn(store.write);
    const { enqueue, giveUp, read, observe, clock } = await setUp({
      ledgerStore: { ...store, write },
    });
    const request = askForSomeone();
    const queued = await enqueue(request);
    write.mockImplementationOnce(store.write); // the claim
    write.mockRejectedValueOnce(new Error('the table is away'));
    await expect(giveUp(queued, 'SlackUnavailable')).rejects.toMatchObject({ retryable: true });
    expect(await read(request)).toMatchObject({ status: 'queued' });
    expect(observe.queueWait).not.toHaveBeenCalled();
    clock.advance(25_000);
    expect(await giveUp(queued, 'SlackUnavailable')).toMatchObject({
      invite: { status: 'failed' },
    });
  });
});
