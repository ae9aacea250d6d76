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
  test('is a duplicate for three days', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    door.pass(3 * DAY_MS);
    expect(await door.deliver(event)).toMatchObject({ result: 'duplicate' });
    expect(door.executions.names()).toHaveLength(1);
  });

  test('is another one after three days, with an execution of its own', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    door.pass(3 * DAY_MS + 1);
    expect(await door.deliver(event)).toMatchObject({ result: 'accepted' });
    expect(door.executions.names()).toEqual([
      `${idOf(event)}-1893456000000`,
      `${idOf(event)}-${1893456000000 + 3 * DAY_MS + 1}`,
    ]);
  });

  test('begins anew after three days, whatever became of the earlier one', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    const end = { status: 'invited', invite: 'inv1_x', generation: 1 } as const;
    await records.settle(idOf(event), end, '2030-01-01T00:00:01.000Z', INVOCATION);
    door.pass(4 * DAY_MS);
    await door.deliver(event);
    const record = await records.read(idOf(event), INVOCATION);
    expect(record).toMatchObject({
      status: 'received',
      started: true,
      invitation: { email: 'casey@partner.example' },
      received_at: '2030-01-05T00:00:00.000Z',
    });
    expect(record).not.toHaveProperty('invite');
    expect(record).not.toHaveProperty('generation');
  });

  test('counts its three days from the last one that was new', async () => {
    const event = newEvent('content');
    for (const days of [0, 2, 2, 2, 2]) {
      door.pass(days * DAY_MS);
      await door.deliver(event);
    }
    // At 0, 4 and 8 days; those at 2 and 6 were duplicates.
    expect(door.executions.names()).toHaveLength(3);
  });

  test('shares one new execution where two deliveries find the old one at once', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    door.pass(4 * DAY_MS);
    await Promise.all([1, 2, 3, 4].map(() => door.deliver(event)));
    expect(door.executions.names()).toHaveLength(2);
  });

  test('is added if the old one goes while it is about to be replaced', async () => {
    const event = newEvent('content');
    await door.deliver(event);
    const old = await records.read(idOf(event), INVOCATION);
    door.pass(4 * DAY_MS);
    // The table drops the item between the reading of it and its replacement.
    const added: (string | undefined)[] = [];
    const receive = door.receive({
      records: {
        ...records,
        read: async () => (added.length === 0 ? old : undefined),
        markStarted: async () => {},
        add: async (_, replacing) => {
          added.push(replacing);
          return added.length === 2;
        },
      },
    });
    expect(await receive(NAME, sourceWith(rule('true')), event)).toMatchObject({
      result: 'accepted',
    });
    expect(added).toEqual([old?.received_at, undefined]);
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
