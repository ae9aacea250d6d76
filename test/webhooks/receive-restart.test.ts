import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import type { RecordStore } from '../../functions/webhooks/record.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import {
  createReceiving,
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

describe.each(['event_id', 'content_and_time', 'content'] as const)(
  'an event with an identity by %s whose execution is over before its end',
  (by) => {
    test('begins anew when it is delivered again', async () => {
      const event = newEvent(by);
      await door.deliver(event);
      const [first = ''] = door.executions.names();
      door.executions.end(first);
      door.pass(60_000);
      expect(await door.deliver(event)).toMatchObject({ result: 'accepted' });
      expect(door.executions.names()).toEqual([first, `${idOf(event)}-${door.now()}`]);
      expect(await records.read(idOf(event), INVOCATION)).toMatchObject({
        status: 'received',
        started: true,
        invitation: { email: 'casey@partner.example' },
      });
    });

    test('begins anew where nobody had noted that it was started', async () => {
      const event = newEvent(by);
      await door.deliver(event, { 4: 'dies before' });
      for (const name of door.executions.names()) door.executions.end(name);
      door.pass(60_000);
      expect(await door.deliver(event)).toMatchObject({ result: 'accepted' });
      expect(door.executions.names()).toHaveLength(2);
    });

    test('stays as it is where it ends between the look at it and the look at its execution', async () => {
      const event = newEvent(by);
      await door.deliver(event);
      const [name = ''] = door.executions.names();
      const sent = { status: 'sent', invite: 'inv1_x' } as const;
      const again = door.receive({
        isOver: async (record) => {
          await records.settle(record.id, sent, '2030-01-01T00:00:01.000Z', INVOCATION);
          door.executions.end(name);
          return door.executions.isOver(record);
        },
      });
      expect(await again(NAME, sourceWith(rule('true')), event)).toMatchObject({
        result: 'duplicate',
      });
      expect(door.executions.names()).toEqual([name]);
      expect(await records.read(idOf(event), INVOCATION)).toMatchObject(sent);
    });

    test('stays as it is where it has ended', async () => {
      const event = newEvent(by);
      await door.deliver(event);
      const failed = { status: 'failed', error: { class: 'NotFound', code: 'no_email' } } as const;
      await records.settle(idOf(event), failed, '2030-01-01T00:00:01.000Z', INVOCATION);
      for (const name of door.executions.names()) door.executions.end(name);
      expect(await door.deliver(event)).toMatchObject({ result: 'duplicate' });
      expect(door.executions.names()).toHaveLength(1);
    });
  },
);
