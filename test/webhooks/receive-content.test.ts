import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { getItem, isWritten, type Table } from '../../functions/aws/table.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import type { RecordStore } from '../../functions/webhooks/record.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import {
  createReceiving,
  DAY_MS,
  idOf,
  NAME,
  newEvent,
  type Receiving,
  rule,
  sourceWith,
} from './receive.world.ts';

let table: Table;
let records: RecordStore;
let door: Receiving;
beforeAll(async () => {
  table = await newTable();
  records = recordTable(table, 400);
});
beforeEach(() => {
  door = createReceiving(records);
});

describe('an event that nothing but its content tells from others', () => {
  test('is a duplicate for as long as its record is kept', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    door.pass(399 * DAY_MS);
    expect(await door.deliver(event)).toMatchObject({ result: 'duplicate' });
    expect(door.executions.names()).toHaveLength(1);
  });

  test('has its record kept longer by each replay', async () => {
    const kept: string[] = [];
    const event = newEvent('content');
    await door.deliver(event);
    const receive = door.receive({
      records: { ...records, keepOn: async ({ id }) => void kept.push(id) },
    });
    await receive(NAME, sourceWith(rule('true')), event);
    expect(kept).toEqual([idOf(event)]);
  });

  test('is a duplicate after its invitation was sent, too', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    const end = { status: 'sent', invite: 'inv1_x' } as const;
    await records.settle(idOf(event), end, '2030-01-01T00:00:01.000Z', INVOCATION);
    door.pass(15 * DAY_MS);
    expect(await door.deliver(event)).toMatchObject({ result: 'duplicate' });
    expect(await records.read(idOf(event), INVOCATION)).toMatchObject({ status: 'sent' });
  });
});

describe('a captured delivery', () => {
  afterEach(() => vi.useRealTimers());

  /** The table's records as DynamoDB keeps them: what has expired is not there any more. */
  const expiring = (retentionDays: number): RecordStore => {
    const kept = recordTable(table, retentionDays);
    return {
      ...kept,
      async read(id, its) {
        const pk = `event#${id}`;
        const item = await getItem(table, pk, its);
        const isOver = item !== undefined && item.ttl * 1000 <= Date.now();
        if (isOver) await isWritten(table, 'DeleteItem', { Key: { pk: { S: pk } } }, its);
        return kept.read(id, its);
      },
    };
  };
  /** Day 0: it is sent. Then it comes again every so many days. @returns what each came to. */
  const replayed = async (event: WebhookEvent, everyDays: number, retentionDays: number) => {
    const store = expiring(retentionDays);
    const world = createReceiving(store);
    vi.useFakeTimers({ toFake: ['Date'], now: world.now() });
    await world.deliver(event);
    const end = { status: 'sent', invite: 'inv1_x' } as const;
    await store.settle(idOf(event), end, new Date(world.now()).toISOString(), INVOCATION);
    const results: unknown[] = [];
    for (let day = everyDays; day <= 1200; day += everyDays) {
      world.pass(everyDays * DAY_MS);
      vi.setSystemTime(world.now());
      results.push(await world.deliver(event));
    }
    return { results, executions: world.executions.names().length };
  };

  test.each([
    [14, 400],
    [15, 400],
    [100, 400],
    [399, 400],
    [13, 14],
    [29, 30],
  ])(
    'without an id and a time invites nobody again, if it comes every %i days and records are kept for %i',
    async (everyDays, retentionDays) => {
      const { results, executions } = await replayed(newEvent('content'), everyDays, retentionDays);
      expect(results.length).toBeGreaterThan(2);
      for (const result of results) expect(result).toMatchObject({ result: 'duplicate' });
      expect(executions).toBe(1);
    },
  );

  test('of which the record has expired is taken again: that is what maxAge is for', async () => {
    expect((await replayed(newEvent('content'), 401, 400)).executions).toBeGreaterThan(1);
    expect((await replayed(newEvent('content_and_time'), 15, 14)).executions).toBeGreaterThan(1);
  });
});

describe.each(['event_id', 'content_and_time'] as const)(
  'an event with an identity by %s',
  (by) => {
    test('is a duplicate for as long as its record is there', async () => {
      const event = newEvent(by);
      await door.deliver(event);
      door.pass(399 * DAY_MS);
      expect(await door.deliver(event)).toMatchObject({ result: 'duplicate' });
      expect(door.executions.names()).toHaveLength(1);
    });

    test('that was never started is started under its first name, however late', async () => {
      const event = newEvent(by);
      await door.deliver(event, { 2: 'dies before' });
      door.pass(10 * DAY_MS);
      expect(await door.deliver(event)).toMatchObject({ result: 'accepted' });
      expect(door.executions.names()).toEqual([`${idOf(event)}-1893456000000`]);
    });
  },
);
