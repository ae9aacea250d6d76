import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
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

let records: RecordStore;
let door: Receiving;
beforeAll(async () => {
  records = recordTable(await newTable(), 400);
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
