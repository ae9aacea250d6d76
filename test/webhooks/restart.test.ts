import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { recordTable } from '../../functions/aws/record-table.ts';
import { dueIndex } from '../../functions/aws/table.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { inviteExecutionName, type QueueKey } from '../../functions/invites/queue.ts';
import { type EventRecord, recordId } from '../../functions/webhooks/record.ts';
import { createRestart, oldestWait, unendedOf } from '../../functions/webhooks/restart.ts';
import { Death, type Fault, faultyAccess } from '../support/faults.ts';
import { INVOCATION, invocation } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NONE = { started: 0, running: 0, ended: 0 };

/** The table, Step Functions, and what a sweep finds in them. */
const setUp = async () => {
  const table = await newTable();
  const records = recordTable(table, 400);
  const store = ledgerTable(table);
  let now = Date.parse('2030-01-01T00:00:00Z');
  const ledger = createLedger(store, 400, () => now);
  const executions = new Map<string, 'running' | 'over'>();
  const start = async (name: string) => {
    if (!executions.has(name)) executions.set(name, 'running');
    return executions.get(name) === 'running';
  };
  const nameOf = ({ id, received_at }: Pick<EventRecord, 'id' | 'received_at'>) =>
    `${id}-${Date.parse(received_at)}`;

  return {
    records,
    ledger,
    due: dueIndex(table),
    executions,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    running: () => [...executions].flatMap(([name, state]) => (state === 'running' ? [name] : [])),
    /** A request in the queue, whose execution nobody has started. */
    async queued(event?: string): Promise<QueueKey> {
      const source = { door: 'invite-api', ...(event !== undefined && { event }) };
      const caller = { source, names: ['role/crm'] };
      const { queued } = await ledger.enqueue(newRequest(), caller, INVOCATION);
      return queued as QueueKey;
    },
    /** An event that was recorded, and nothing more. */
    async received(more: Partial<EventRecord> = {}): Promise<EventRecord> {
      const at = new Date(now).toISOString();
      const record: EventRecord = {
        id: recordId('acme-hr', { id: randomUUID() }, 0, 'a@b.example'),
        source: 'acme-hr',
        rule: 0,
        status: 'received',
        started: false,
        invitation: { channel: 'C0PARTNER01', email: 'a@b.example', external_limited: true },
        received_at: at,
        updated_at: at,
        ...more,
      };
      await records.add(record, undefined, INVOCATION);
      return record;
    },
    nameOf,
    /** @param faults what befalls the sweep's accesses, by their number. */
    async sweep(faults: Partial<Record<number, Fault>> = {}, its = INVOCATION) {
      const { access } = faultyAccess(faults);
      const due = dueIndex(table);
      const sweep = createRestart({
        due: {
          overdue: (...args) => access(() => due.overdue(...args)),
          touch: (...args) => access(() => due.touch(...args)),
          drop: (...args) => access(() => due.drop(...args)),
        },
        ledger: createLedger(
          {
            read: (...args) => access(() => store.read(...args)),
            write: (...args) => access(() => store.write(...args)),
            remove: (...args) => access(() => store.remove(...args)),
          },
          400,
          () => now,
        ),
        records: {
          ...records,
          read: (...args) => access(() => records.read(...args)),
          add: (...args) => access(() => records.add(...args)),
          markStarted: (...args) => access(() => records.markStarted(...args)),
          settle: (...args) => access(() => records.settle(...args)),
        },
        invites: {
          start: (queued) => access(() => start(inviteExecutionName(queued))),
          isOver: async (queued) => executions.get(inviteExecutionName(queued)) === 'over',
        },
        events: { start: (record) => access(() => start(nameOf(record))) },
        now: () => now,
      });
      return sweep(its).catch((error: unknown) => {
        if (error instanceof Death) return undefined;
        throw error;
      });
    },
  };
};

type World = Awaited<ReturnType<typeof setUp>>;
let world: World;
beforeEach(async () => {
  world = await setUp();
});

describe('a queued request', () => {
  test('that nobody started is started after ten minutes, and not before', async () => {
    const queued = await world.queued();
    world.pass(10 * MINUTE_MS - 1);
    expect(await world.sweep()).toEqual({ invites: NONE, events: NONE, failed: [] });
    expect(world.running()).toEqual([]);
    world.pass(2);
    await world.sweep();
    expect(world.running()).toEqual([inviteExecutionName(queued)]);
  });

  test('whose execution runs stays as it is, and is looked at again ten minutes later', async () => {
    const queued = await world.queued();
    world.executions.set(inviteExecutionName(queued), 'running');
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.invites).toEqual({ ...NONE, running: 1 });
    world.pass(5 * MINUTE_MS);
    expect((await world.sweep())?.invites).toEqual(NONE);
    world.pass(6 * MINUTE_MS);
    expect((await world.sweep())?.invites).toEqual({ ...NONE, running: 1 });
    expect(world.running()).toEqual([inviteExecutionName(queued)]);
  });

  test('whose execution was stopped goes into the queue anew', async () => {
    const queued = await world.queued();
    world.executions.set(inviteExecutionName(queued), 'over');
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.invites).toEqual({ ...NONE, started: 1 });
    const generation = world.now();
    expect(world.running()).toEqual([inviteExecutionName({ ...queued, generation })]);
  });

  test('of an event whose execution was stopped goes into the queue by itself', async () => {
    const event = await world.received();
    const queued = await world.queued(event.id);
    const { id: invite, generation } = queued;
    const at = new Date(world.now()).toISOString();
    await world.records.settle(event.id, { status: 'queued', invite, generation }, at, INVOCATION);
    world.executions.set(world.nameOf(event), 'over');
    world.pass(11 * MINUTE_MS);
    await world.sweep();
    const anew = inviteExecutionName({ id: invite, generation: world.now() });
    expect(world.running()).toEqual([anew]);

    // From then on it is that execution which carries it out, however long that takes.
    for (let sweep = 0; sweep < 3; sweep += 1) {
      world.pass(11 * MINUTE_MS);
      expect((await world.sweep())?.invites).toEqual({ ...NONE, running: 1 });
    }
    expect(world.running()).toEqual([anew]);
  });

  test('that nobody can carry out ends after 7 days, however often its executions end before', async () => {
    const { id } = await world.queued();
    let started = 0;
    for (let hours = 0; hours < 8 * 24; hours += 6) {
      for (const name of world.running()) world.executions.set(name, 'over');
      world.pass(6 * 60 * MINUTE_MS);
      started += (await world.sweep())?.invites.started ?? 0;
    }
    expect(started).toBeLessThan(7 * 4);
    expect(await world.ledger.read(id, INVOCATION)).toMatchObject({
      status: 'failed',
      error: { class: 'Unavailable', code: 'queue_lapsed', at: '2030-01-08T00:00:00.000Z' },
    });
    expect((await world.sweep())?.invites).toEqual(NONE);
  });

  test('whose time in the queue is over is not looked at for ever', async () => {
    await world.queued();
    world.pass(30 * DAY_MS);
    expect((await world.sweep())?.invites).toEqual({ ...NONE, ended: 1 });
    world.pass(30 * MINUTE_MS);
    expect((await world.sweep())?.invites).toEqual(NONE);
    expect(world.running()).toEqual([]);
  });
});

describe('an event', () => {
  test('that was recorded and never started is started, and counts as seen', async () => {
    const event = await world.received();
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.events).toEqual({ ...NONE, started: 1 });
    expect(world.running()).toEqual([world.nameOf(event)]);
    expect(await world.records.read(event.id, INVOCATION)).toMatchObject({ started: true });
  });

  test('whose execution was stopped before its end begins anew', async () => {
    const event = await world.received();
    await world.records.markStarted(event, event.received_at, INVOCATION);
    world.executions.set(world.nameOf(event), 'over');
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.events).toEqual({ ...NONE, started: 1 });
    expect(world.running()).toEqual([`${event.id}-${world.now()}`]);
    expect(await world.records.read(event.id, INVOCATION)).toMatchObject({
      status: 'received',
      started: true,
      invitation: { email: 'a@b.example' },
    });
  });

  test.each([
    ['of this release', { until: '2030-01-08T00:00:00.000Z' }],
    ['of before, whose record does not say until when', {}],
  ])('%s ends after 7 days, however often its executions end before', async (_name, more) => {
    const { id } = await world.received(more);
    for (let hours = 0; hours < 8 * 24; hours += 6) {
      for (const name of world.running()) world.executions.set(name, 'over');
      world.pass(6 * 60 * MINUTE_MS);
      await world.sweep();
    }
    const record = await world.records.read(id, INVOCATION);
    expect(record).toMatchObject({
      status: 'failed',
      error: { class: 'Unavailable', code: 'queue_lapsed' },
      // For whoever begins it anew.
      invitation: { email: 'a@b.example' },
    });
    const lasted = Date.parse(record?.updated_at ?? '') - Date.parse('2030-01-01T00:00:00Z');
    expect(lasted).toBeGreaterThanOrEqual(7 * DAY_MS);
    expect(lasted).toBeLessThanOrEqual(7 * DAY_MS + 6 * 60 * MINUTE_MS);
  });

  test('ends as its invite has ended, where nobody has noted that', async () => {
    const event = await world.received();
    const queued = await world.queued();
    const at = new Date(world.now()).toISOString();
    await world.records.settle(
      event.id,
      { status: 'queued', invite: queued.id, generation: queued.generation },
      at,
      INVOCATION,
    );
    await world.ledger.giveUp(queued, { class: 'Defect', code: 'given_up' }, INVOCATION);
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.events).toEqual({ ...NONE, ended: 1 });
    expect(await world.records.read(event.id, INVOCATION)).toMatchObject({
      status: 'failed',
      error: { class: 'Defect', code: 'given_up' },
    });
    world.pass(11 * MINUTE_MS);
    expect((await world.sweep())?.events).toEqual(NONE);
  });
});

describe('a sweep that ends in the middle', () => {
  const CRASHES = ['dies before', 'dies after', 'failed', 'lost'] as const;

  test.each(CRASHES)(
    '%s: the next ones leave one execution for each',
    { timeout: 60_000 },
    async (fault) => {
      for (let number = 0; number < 12; number += 1) {
        world = await setUp();
        await world.queued();
        await world.received();
        const stopped = await world.queued();
        world.executions.set(inviteExecutionName(stopped), 'over');
        const over = await world.received();
        await world.records.markStarted(over, over.received_at, INVOCATION);
        world.executions.set(world.nameOf(over), 'over');

        world.pass(11 * MINUTE_MS);
        await world.sweep({ [number]: fault }).catch(() => undefined);
        for (let round = 0; round < 2; round += 1) {
          world.pass(11 * MINUTE_MS);
          expect((await world.sweep())?.failed).toEqual([]);
        }
        const ids = world.running().map((name) => name.replace(/-\d+$/, ''));
        expect(new Set(ids).size).toBe(4);
        expect(await world.records.read(over.id, INVOCATION)).toMatchObject({ started: true });
      }
    },
  );
});

test('two hundred things are looked at in one run, the oldest first', {
  timeout: 60_000,
}, async () => {
  const names: string[] = [];
  for (let count = 0; count < 210; count += 1) {
    names.push(inviteExecutionName(await world.queued()));
    world.pass(1000);
  }
  world.pass(11 * MINUTE_MS);
  // Step Functions does not tell a first start from one that is repeated.
  expect((await world.sweep())?.invites).toEqual({ ...NONE, running: 200 });
  expect(world.running().sort()).toEqual(names.slice(0, 200).sort());
  await world.sweep();
  expect(world.running().sort()).toEqual(names.sort());
});

test('a sweep begins nothing after its deadline', async () => {
  await world.queued();
  world.pass(11 * MINUTE_MS);
  const swept = await world.sweep({}, invocation({ deadline: Date.now() - 1 }));
  expect(swept).toEqual({ invites: NONE, events: NONE, failed: [] });
  expect(world.running()).toEqual([]);
});

describe('the oldest wait', () => {
  const oldest = async () => {
    await world.sweep();
    return oldestWait(world, world.now(), INVOCATION);
  };

  test('is 0 where nobody waits', async () => {
    expect(await oldest()).toBe(0);
  });

  test('counts from when the request was accepted, whatever sweeps and new executions come', async () => {
    await world.queued();
    world.pass(5 * MINUTE_MS);
    await world.queued();
    expect(await oldest()).toBe(5 * MINUTE_MS);
    for (let sweeps = 0; sweeps < 4; sweeps += 1) {
      for (const name of world.running()) world.executions.set(name, 'over');
      world.pass(10 * MINUTE_MS);
      await world.sweep();
    }
    expect(await oldest()).toBe(45 * MINUTE_MS);
  });
});

test('an event that comes to no request waits, whatever sweeps come; one without an address does not', async () => {
  await world.received();
  await world.received({ status: 'pending_email' });
  for (let sweeps = 1; sweeps <= 80; sweeps += 1) {
    for (const name of world.running()) world.executions.set(name, 'over');
    world.pass(5 * MINUTE_MS);
    await world.sweep();
    expect(await oldestWait(world, world.now(), INVOCATION)).toBe(sweeps * 5 * MINUTE_MS);
  }
});

test('what is over does not wait any more', async () => {
  await world.received();
  world.pass(8 * DAY_MS);
  await world.sweep();
  expect(await oldestWait(world, world.now(), INVOCATION)).toBe(0);
});

test('what had nobody at work on it counts as unended, mended or not', async () => {
  const queued = await world.queued();
  world.executions.set(inviteExecutionName(queued), 'over');
  await world.received();
  world.pass(11 * MINUTE_MS);
  const swept = await world.sweep();
  expect(swept && unendedOf(swept)).toBe(2);
  world.pass(11 * MINUTE_MS);
  const again = await world.sweep();
  expect(again && unendedOf(again)).toBe(0);
});
