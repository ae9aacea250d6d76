import { beforeAll, describe, expect, test } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import {
  type EventRecord,
  eventExecutionName,
  type RecordStore,
} from '../../functions/webhooks/record.ts';
import { FAULTS, type Fault, type Faults } from '../support/faults.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { createReceiving, DAY_MS, idOf, newEvent } from './receive.world.ts';

let records: RecordStore;
beforeAll(async () => {
  records = recordTable(await newTable(), 400);
});

/** A door, and the accesses that nobody waits for any more. */
const setUp = () => {
  let late: (() => Promise<unknown>)[] = [];
  const door = createReceiving(records, (act) => late.push(act));
  return {
    ...door,
    /** What was given up is carried out after all. */
    async land() {
      for (const act of late) await act();
      late = [];
    },
  };
};
type World = ReturnType<typeof setUp>;

/** The accesses of a first delivery, and of one that finds a record that was not started. */
const STEPS = [
  'looking for a record',
  'adding the record',
  'starting the execution',
  'marking it as started',
] as const;
const AGAIN = ['reading', 'starting', 'marking'] as const;

const isTold = (end: unknown) => end !== undefined && !(end instanceof InviteError);

/** The sender delivers until it is told that all is well, and once more. */
const deliverAgain = async (world: World, event: WebhookEvent) => {
  for (let repetition = 1; repetition <= 2; repetition += 1) {
    world.pass(60_000);
    expect(isTold(await world.deliver(event))).toBe(true);
  }
  world.pass(60_000);
  expect(await world.deliver(event)).toMatchObject({ result: 'duplicate' });
};

/** The event was started once, and both the table and the sender know. */
const expectOneExecution = async (world: World, event: WebhookEvent) => {
  const record = (await records.read(idOf(event), INVOCATION)) as EventRecord;
  expect(record).toMatchObject({ started: true, status: 'received' });
  expect(world.executions.names()).toEqual([eventExecutionName(record)]);
};

const cells = <Step extends string>(steps: readonly Step[]): [Step, Fault, Faults][] =>
  steps.flatMap((step, access) =>
    FAULTS.map((fault): [Step, Fault, Faults] => [step, fault, { [access]: fault }]),
  );

describe('a delivery that does not come through is made up for by the next', () => {
  test.each(cells(STEPS))('%s: %s', async (_step, fault, faults) => {
    const [world, event] = [setUp(), newEvent()];
    const end = await world.deliver(event, faults);
    // What is recorded is taken: the sweep starts it, should the sender not come back.
    const isRecorded = Object.keys(faults).every((access) => Number(access) > 1);
    expect(isTold(end)).toBe(fault === 'repeated' || (isRecorded && !fault.startsWith('dies')));
    await deliverAgain(world, event);
    await world.land();
    await expectOneExecution(world, event);
  });

  test.each(cells(STEPS))('%s: %s, where it is carried out late', async (_step, _fault, faults) => {
    const [world, event] = [setUp(), newEvent()];
    await world.deliver(event, faults);
    await world.land();
    await deliverAgain(world, event);
    await expectOneExecution(world, event);
  });

  test.each(cells(AGAIN))('and if that meets the like: %s: %s', async (_step, _fault, faults) => {
    const [world, event] = [setUp(), newEvent()];
    await world.deliver(event, { 2: 'dies before' });
    await world.deliver(event, faults);
    await world.land();
    await deliverAgain(world, event);
    await expectOneExecution(world, event);
  });

  test('however often its function dies', async () => {
    const [world, event] = [setUp(), newEvent()];
    for (const death of ['dies before', 'dies after'] as const) {
      for (const access of [0, 1, 2, 3]) {
        await world.deliver(event, { [access]: death });
        world.pass(3_600_000);
      }
    }
    expect(await world.deliver(event)).toMatchObject({ result: 'duplicate' });
    await expectOneExecution(world, event);
  });
});

describe('no success is told', () => {
  test.each(FAULTS.filter((fault) => fault !== 'repeated'))(
    'before the event is recorded: %s',
    async (fault) => {
      for (const access of [0, 1]) {
        const [world, event] = [setUp(), newEvent()];
        const end = await world.deliver(event, { [access]: fault });
        expect(end === undefined || (end instanceof InviteError && end.status === 503)).toBe(true);
      }
    },
  );
});

describe('an event whose execution was stopped begins anew', () => {
  const REPLACING = ['reading', 'replacing', 'starting', 'marking'] as const;

  test.each(cells(REPLACING))('%s: %s', async (_step, _fault, faults) => {
    const [world, event] = [setUp(), newEvent()];
    await world.deliver(event);
    for (const name of world.executions.names()) world.executions.end(name);
    world.pass(4 * DAY_MS);
    await world.deliver(event, faults);
    await world.land();
    world.pass(60_000);
    expect(isTold(await world.deliver(event))).toBe(true);
    expect(await world.deliver(event)).toMatchObject({ result: 'duplicate' });

    const record = (await records.read(idOf(event), INVOCATION)) as EventRecord;
    expect(record).toMatchObject({ started: true });
    expect(world.executions.names()).toEqual([
      `${idOf(event)}-1893456000000`,
      eventExecutionName(record),
    ]);
  });
});
