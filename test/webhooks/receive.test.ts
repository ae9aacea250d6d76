import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { eventExecutionName, type RecordStore } from '../../functions/webhooks/record.ts';
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

const ONE_RULE = sourceWith(rule('true'));
const DUPLICATE = { result: 'duplicate', ignored: [], failed: [] };
const ACCEPTED = { result: 'accepted', ignored: [], failed: [] };

describe('an event that a rule takes', () => {
  test('is in the table before its workflow starts, and counts as seen only after', async () => {
    const event = newEvent();
    const seen: unknown[] = [];
    const look = async () => seen.push((await records.read(idOf(event), INVOCATION))?.started) > 0;
    const receive = door.receive({
      records: {
        ...records,
        add: async (...args) => {
          await look();
          return records.add(...args);
        },
        markStarted: async (...args) => {
          await look();
          await records.markStarted(...args);
        },
      },
      start: look,
    });
    await receive(NAME, ONE_RULE, event);
    await look();
    expect(seen).toEqual([undefined, false, false, true]);
  });

  test('leaves a record of what the rule asks for, and nothing else of the event', async () => {
    const event = newEvent('event_id', { salary: 'not-to-be-kept', ticket: 'HR-7' });
    const source = sourceWith(rule('type = "hired"', { reference: 'ticket' }));
    const id = idOf(event);
    expect(await door.deliver(event, {}, source)).toEqual(ACCEPTED);
    expect(await records.read(id, INVOCATION)).toEqual({
      id,
      source: NAME,
      rule: 0,
      status: 'received',
      started: true,
      invitation: {
        channel: 'C0PARTNER01',
        email: 'casey@partner.example',
        external_limited: true,
        reference: 'HR-7',
      },
      received_at: '2030-01-01T00:00:00.000Z',
      updated_at: '2030-01-01T00:00:00.000Z',
      until: '2030-01-08T00:00:00.000Z',
    });
  });

  test('starts one execution, which gets the id of its record and nothing else', async () => {
    const event = newEvent();
    await door.deliver(event);
    expect(door.executions.names()).toEqual([`${idOf(event)}-1893456000000`]);
    expect(door.executions.inputs()).toEqual([`{"event":"${idOf(event)}"}`]);
  });

  test('begins anew when its execution is over already', async () => {
    const event = newEvent();
    const started: string[] = [];
    const receive = door.receive({
      start: async (record) => started.push(eventExecutionName(record)) > 1,
    });
    door.pass(1);
    expect(await receive(NAME, ONE_RULE, event)).toEqual(ACCEPTED);
    expect(await records.read(idOf(event), INVOCATION)).toMatchObject({ started: true });
    expect(started).toHaveLength(2);
  });
});

describe('an event that is delivered again', () => {
  test('is a duplicate, and starts nothing', async () => {
    const event = newEvent();
    await door.deliver(event);
    door.pass(1000);
    expect(await door.deliver(event)).toEqual(DUPLICATE);
    expect(door.executions.names()).toHaveLength(1);
  });

  test('leaves the record as it was', async () => {
    const event = newEvent();
    await door.deliver(event);
    const before = await records.read(idOf(event), INVOCATION);
    door.pass(1000);
    await door.deliver(event);
    expect(await records.read(idOf(event), INVOCATION)).toEqual(before);
  });

  test('does not bring back what its workflow has settled', async () => {
    const event = newEvent();
    await door.deliver(event);
    const error = { class: 'NotFound', code: 'no_email' } as const;
    const at = '2030-01-01T00:00:01.000Z';
    await records.settle(idOf(event), { status: 'failed', error }, at, INVOCATION);
    expect(await door.deliver(event)).toMatchObject(DUPLICATE);
    expect(await records.read(idOf(event), INVOCATION)).toMatchObject({ status: 'failed', error });
  });

  test('at the same moment shares its record and its execution', async () => {
    const event = newEvent();
    const results = await Promise.all([1, 2, 3, 4].map(() => door.deliver(event)));
    expect(results).toContainEqual(expect.objectContaining({ result: 'accepted' }));
    expect(door.executions.names()).toHaveLength(1);
  });

  test('after its record was erased is new', async () => {
    const event = newEvent();
    const erased = { ...records, add: records.add, read: async () => undefined };
    let adds = 0;
    const receive = door.receive({
      records: { ...erased, add: async (...args) => ++adds > 1 && records.add(...args) },
    });
    expect(await receive(NAME, ONE_RULE, event)).toMatchObject(ACCEPTED);
    expect(adds).toBe(2);
    expect(door.executions.names()).toHaveLength(1);
  });
});

describe('the rules of one event', () => {
  const TWO_RULES = sourceWith(rule('true'), rule('true', { channel: 'C0PARTNER02' }));

  test('have a record and an execution each', async () => {
    const event = newEvent();
    const ids = [idOf(event, 0), idOf(event, 1)];
    expect(await door.deliver(event, {}, TWO_RULES)).toEqual(ACCEPTED);
    expect(door.executions.inputs()).toEqual(ids.map((id) => JSON.stringify({ event: id })));
    expect(await records.read(idOf(event, 1), INVOCATION)).toMatchObject({
      rule: 1,
      invitation: { channel: 'C0PARTNER02' },
    });
  });

  test('are kept apart when one of them could not be started', async () => {
    const event = newEvent();
    expect(await door.deliver(event, { 6: 'failed' }, TWO_RULES)).toMatchObject(ACCEPTED);
    expect(await records.read(idOf(event, 0), INVOCATION)).toMatchObject({ started: true });
    expect(await records.read(idOf(event, 1), INVOCATION)).toMatchObject({ started: false });
    expect(await door.deliver(event, {}, TWO_RULES)).toMatchObject(ACCEPTED);
    expect(door.executions.names()).toHaveLength(2);
  });

  test('make the event new if one of them was added since', async () => {
    const event = newEvent();
    await door.deliver(event, {}, ONE_RULE);
    expect(await door.deliver(event, {}, TWO_RULES)).toMatchObject(ACCEPTED);
    expect(await door.deliver(event, {}, TWO_RULES)).toMatchObject(DUPLICATE);
    expect(door.executions.names()).toHaveLength(2);
  });
});

describe('an event that is not taken', () => {
  test('is ignored, and kept nowhere', async () => {
    const receive = door.receive({
      records: { ...records, add: () => expect.unreachable() },
      start: () => expect.unreachable(),
    });
    expect(await receive(NAME, sourceWith(rule('type = "left"')), newEvent())).toEqual({
      result: 'ignored',
      ignored: [{ reason: 'no_rule' }],
      failed: [],
    });
  });

  test('by a rule that fails is taken by the others', async () => {
    const source = sourceWith(rule('$nonesuch()'), rule('true'));
    const event = newEvent();
    expect(await door.deliver(event, {}, source)).toEqual({
      result: 'accepted',
      ignored: [],
      failed: [{ rule: 0, field: 'when', reason: 'error' }],
    });
  });
});

describe('a start that nobody answered', () => {
  test('is left to the sweep, and the event does not count as seen', async () => {
    const event = newEvent();
    expect(await door.deliver(event, { 2: 'failed' })).toMatchObject(ACCEPTED);
    expect(await records.read(idOf(event), INVOCATION)).toMatchObject({
      started: false,
      status: 'received',
    });
  });

  test('is made up for by the next delivery, under the name of the first', async () => {
    const event = newEvent();
    const received_at = new Date(door.now()).toISOString();
    await door.deliver(event, { 2: 'failed' });
    door.pass(3_600_000);
    expect(await door.deliver(event)).toMatchObject(ACCEPTED);
    expect(door.executions.names()).toEqual([eventExecutionName({ id: idOf(event), received_at })]);
  });
});
