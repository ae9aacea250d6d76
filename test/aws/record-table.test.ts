import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AwsClient } from '../../functions/aws/client.ts';
import { recordTable } from '../../functions/aws/record-table.ts';
import { getItem, type Table } from '../../functions/aws/table.ts';
import type { Abortable } from '../../functions/invites/invocation.ts';
import {
  type EventRecord,
  type RecordEnd,
  type RecordStore,
  recordId,
} from '../../functions/webhooks/record.ts';
import { useDynalite } from '../support/dynalite.ts';
import { INVOCATION, inOneInvocation, invocation } from '../support/invocation.ts';

const newTable = useDynalite();
let table: Table;
const recordsIn = (table: Table) => inOneInvocation(recordTable(table, 400));
let records: ReturnType<typeof recordsIn>;
let record: EventRecord;
beforeAll(async () => {
  table = await newTable();
  records = recordsIn(table);
});
beforeEach(() => {
  record = {
    id: recordId('acme-hr', { id: randomUUID() }, 0, '4711'),
    source: 'acme-hr',
    rule: 0,
    status: 'received',
    started: false,
    invitation: { channel: 'C0PARTNER01', email: 'casey@partner.example', external_limited: true },
    received_at: '2030-01-01T00:00:00.000Z',
    updated_at: '2030-01-01T00:00:00.000Z',
  };
});

const LATER = '2030-01-01T00:00:05.000Z';
const ENDS: [string, RecordEnd][] = [
  ['pending_email', { status: 'pending_email' }],
  ['queued', { status: 'queued', invite: 'inv1_x', generation: 7 }],
  ['sent', { status: 'sent', invite: 'inv1_x' }],
  ['failed', { status: 'failed', error: { class: 'NotFound', code: 'no_email' } }],
  [
    'failed with an invite',
    { status: 'failed', error: { class: 'Conflict', code: 'event_settled' }, invite: 'inv1_x' },
  ],
];
const FINAL = ENDS.slice(2);

describe('a record', () => {
  test('reads as it was added', async () => {
    expect(await records.add(record, undefined)).toBe(true);
    expect(await records.read(record.id)).toEqual(record);
  });

  test('reads as it was added without what it may lack', async () => {
    const { invitation: _, ...bare } = record;
    await records.add(bare, undefined);
    expect(await records.read(record.id)).toEqual(bare);
  });

  test('that nobody added is not there', async () => {
    expect(await records.read(record.id)).toBeUndefined();
  });

  test('is not found under the key of an invite of the same id', async () => {
    await records.add(record, undefined);
    expect(await getItem(table, `invite#${record.id}`, INVOCATION)).toBeUndefined();
    expect(await getItem(table, `event#${record.id}`, INVOCATION)).toMatchObject({
      status: 'received',
    });
  });
});

describe('adding a record', () => {
  test('changes nothing where there is one already', async () => {
    await records.add(record, undefined);
    expect(await records.add({ ...record, source: 'another' }, undefined)).toBe(false);
    expect(await records.read(record.id)).toEqual(record);
  });

  test('has one winner of many', async () => {
    const added = await Promise.all([1, 2, 3, 4, 5].map(() => records.add(record, undefined)));
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  test('replaces the one that was received when it says, with nothing of it left', async () => {
    await records.add(record, undefined);
    await records.settle(record.id, { status: 'queued', invite: 'inv1_x', generation: 7 }, LATER);
    const anew = { ...record, received_at: LATER, updated_at: LATER };
    expect(await records.add(anew, { ...record, status: 'queued' })).toBe(true);
    expect(await records.read(record.id)).toEqual(anew);
  });

  test('does not replace one received at another time, nor one that is gone', async () => {
    expect(await records.add(record, record)).toBe(false);
    await records.add(record, undefined);
    expect(
      await records.add({ ...record, source: 'another' }, { ...record, received_at: LATER }),
    ).toBe(false);
    expect(await records.read(record.id)).toEqual(record);
  });
});

describe('replacing a record', () => {
  test.each(FINAL)('changes nothing where it has ended meanwhile as %s', async (_, end) => {
    await records.add(record, undefined);
    await records.settle(record.id, end, LATER);
    const ended = await records.read(record.id);
    expect(await records.add({ ...record, received_at: LATER }, record)).toBe(false);
    expect(await records.read(record.id)).toEqual(ended);
  });
});

describe('marking a record as started', () => {
  test('changes that, and when it was', async () => {
    await records.add(record, undefined);
    await records.markStarted(record, LATER);
    expect(await records.read(record.id)).toEqual({ ...record, started: true, updated_at: LATER });
  });

  test('keeps what its workflow has settled meanwhile', async () => {
    await records.add(record, undefined);
    await records.settle(record.id, { status: 'sent', invite: 'inv1_x' }, LATER);
    await records.markStarted(record, LATER);
    expect(await records.read(record.id)).toMatchObject({ status: 'sent', started: true });
  });

  test('changes nothing where another one has taken its place', async () => {
    const anew = { ...record, received_at: LATER };
    await records.add(anew, undefined);
    await records.markStarted(record, LATER);
    expect(await records.read(record.id)).toEqual(anew);
  });

  test('brings back none that was erased', async () => {
    await records.markStarted(record, LATER);
    expect(await records.read(record.id)).toBeUndefined();
  });
});

describe('settling a record', () => {
  test.each(FINAL)('as %s takes the invitation out of it, address and all', async (_, end) => {
    await records.add(record, undefined);
    await records.settle(record.id, end, LATER);
    const { invitation: _invitation, ...rest } = record;
    expect(await records.read(record.id)).toEqual({ ...rest, ...end, updated_at: LATER });
    const item = JSON.stringify(await getItem(table, `event#${record.id}`, INVOCATION));
    expect(item).not.toContain('partner.example');
  });

  test('as pending_email keeps the invitation', async () => {
    await records.add(record, undefined);
    await records.settle(record.id, { status: 'pending_email' }, LATER);
    expect(await records.read(record.id)).toEqual({
      ...record,
      status: 'pending_email',
      updated_at: LATER,
    });
  });

  test.each(ENDS)('as %s keeps that it was started', async (_, end) => {
    await records.add({ ...record, started: true }, undefined);
    await records.settle(record.id, end, LATER);
    expect(await records.read(record.id)).toMatchObject({ started: true });
  });

  test.each(ENDS)('as %s again is to do it once', async (_, end) => {
    await records.add(record, undefined);
    await records.settle(record.id, end, LATER);
    const once = await records.read(record.id);
    await records.settle(record.id, end, LATER);
    expect(await records.read(record.id)).toEqual(once);
  });

  test.each(ENDS)('as %s brings back none that was erased', async (_, end) => {
    await records.settle(record.id, end, LATER);
    expect(await records.read(record.id)).toBeUndefined();
  });

  test.each(FINAL)('as pending_email comes too late for one that is %s', async (_, end) => {
    await records.add(record, undefined);
    await records.settle(record.id, end, LATER);
    await records.settle(record.id, { status: 'pending_email' }, '2030-01-01T00:00:09.000Z');
    expect(await records.read(record.id)).toMatchObject({ status: end.status, updated_at: LATER });
  });
});

describe('an access to the table', () => {
  const client = (answer: () => Promise<unknown>) => {
    const send = vi.fn(answer);
    const store = recordTable({ client: send as unknown as AwsClient, name: 'invites' }, 400);
    return { send, store };
  };
  type Access = [
    operation: string,
    access: (store: RecordStore, its: Abortable) => Promise<unknown>,
  ];
  const WRITES: Access[] = [
    ['PutItem', (store, its) => store.add(record, undefined, its)],
    ['PutItem', (store, its) => store.add(record, record, its)],
    ['UpdateItem', (store, its) => store.markStarted(record, LATER, its)],
    ...ENDS.map(
      ([, end]): Access => ['UpdateItem', (store, its) => store.settle(record.id, end, LATER, its)],
    ),
  ];
  const READ: Access = ['GetItem', (store, its) => store.read(record.id, its)];

  test('that reads is consistent, and one that writes is conditional', async () => {
    for (const [operation, access] of [READ, ...WRITES]) {
      const { send, store } = client(async () => ({}));
      const its = invocation();
      await access(store, its);
      const [asked, input, of] = send.mock.calls[0] as unknown as Parameters<AwsClient>;
      expect(asked).toBe(operation);
      expect(of).toBe(its);
      expect(input).toHaveProperty(
        ...((operation === 'GetItem'
          ? ['ConsistentRead', true]
          : ['ConditionExpression', expect.any(String)]) as [string, unknown]),
      );
    }
  });

  test('that writes keeps the record so many days from now', async () => {
    vi.useFakeTimers({ now: Date.parse('2030-01-01T00:00:00.500Z') });
    for (const [, access] of WRITES) {
      const { send, store } = client(async () => ({}));
      await access(store, INVOCATION);
      const [, input] = send.mock.calls[0] as unknown as [string, Record<string, object>];
      const { ttl, ':ttl': set } = { ...input.Item, ...input.ExpressionAttributeValues } as {
        ttl?: unknown;
        ':ttl'?: unknown;
      };
      expect(ttl ?? set).toEqual({ N: String(1893456001 + 400 * 86_400) });
    }
    vi.useRealTimers();
  });

  test.each([
    ['ThrottlingException', 'Unavailable', 'table_unavailable'],
    ['AccessDeniedException', 'Defect', 'table_misconfigured'],
  ])('that fails with %s is %s', async (name, errorClass, code) => {
    for (const [, access] of [READ, ...WRITES]) {
      const { store } = client(async () => {
        throw Object.assign(new Error('casey@partner.example'), { name });
      });
      const failure = await access(store, INVOCATION).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: errorClass, facts: { code } });
      expect(String(failure)).not.toContain('partner');
    }
  });
});
