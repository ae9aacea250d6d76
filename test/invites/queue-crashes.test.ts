import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { Invite } from '../../functions/invites/invite.ts';
import type { LedgerStore } from '../../functions/invites/ledger-store.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import { FAULTS, type Fault } from '../support/faults.ts';
import { expectNoDouble, mayHaveSent } from '../support/slack-calls.ts';
import { newTable } from '../support/tables.ts';
import { createQueueWorld, LEASE_MS, type Plan, START_FAULTS } from './queue-world.ts';

/** More than any function makes here. */
const ACCESSES = 8;

let table: LedgerStore;
beforeAll(async () => {
  table = ledgerTable(await newTable());
});

/** A person, and the writes that nobody waits for any more. */
const setUp = () => {
  let late: (() => Promise<unknown>)[] = [];
  const world = createQueueWorld(table, (act) => late.push(act));
  return {
    ...world,
    /** The writes that were given up are carried out after all. */
    async land() {
      for (const act of late) await act();
      late = [];
    },
  };
};
type World = ReturnType<typeof setUp>;

const firstOf = ({ started: [queued] }: World): QueueKey => {
  if (!queued) throw new Error('no execution was started');
  return queued;
};

/**
 * Once everybody is gone, the ask that is asked again ends in exactly one invitation, or in the
 * reason against it, whose remedy then sends.
 * @returns whether the outcome was unknown.
 */
const expectOneInvitation = async (world: World): Promise<boolean> => {
  await world.carryOut();
  world.pass(LEASE_MS);
  const again = await world.queue({});
  await world.carryOut();
  expectNoDouble(world.calls);
  if (!(again instanceof InviteError)) {
    expect(world.calls.filter(mayHaveSent)).toHaveLength(1);
    expect(await world.read()).toMatchObject({ status: 'sent', attempts: 1 });
    return false;
  }
  expect(again).toMatchObject({ name: 'OutcomeUnknown', facts: { attempts: 1 } });
  expect(world.calls.length).toBeLessThanOrEqual(1);
  await world.queue({ resend: 1 });
  await world.carryOut();
  expectNoDouble(world.calls);
  expect(await world.read()).toMatchObject({ status: 'sent', attempts: 2 });
  return true;
};

/** Each access of a function in turn meets the fault; its late writes land soon, or at the very end. */
const befall = async (
  fault: Fault,
  scenario: (plan: Plan, soon: World['land'], world: World) => Promise<void>,
): Promise<boolean[]> => {
  const unknown: boolean[] = [];
  for (let access = 0; access < ACCESSES; access += 1) {
    for (const soon of fault === 'late' ? [true, false] : [true]) {
      const world = setUp();
      const landsSoon = async () => {
        if (soon) await world.land();
      };
      await scenario({ faults: { [access]: fault } }, landsSoon, world);
      unknown.push(await expectOneInvitation(world));
      await world.land();
      expect((await world.read())?.status).toBe('sent');
    }
  }
  return unknown;
};

describe('an ask that can wait is neither lost nor doubled', () => {
  test.each(FAULTS)('whichever access meets this while it is queued: %s', async (fault) => {
    const unknown = await befall(fault, async (plan, landSoon, world) => {
      await world.queue(plan);
      await landSoon();
    });
    expect(unknown).not.toContain(true);
  });

  test.each(START_FAULTS)('whatever befalls the start: %s', async (start) => {
    const world = setUp();
    await world.queue({ start });
    expect(await world.read()).toMatchObject({ status: 'queued' });
    expect(await expectOneInvitation(world)).toBe(false);
    expect(world.started).toHaveLength(1);
  });

  test.each(FAULTS)('whichever access meets this during its turn: %s', async (fault) => {
    const unknown = await befall(fault, async (plan, landSoon, world) => {
      await world.queue({});
      await world.turn(firstOf(world), plan);
      await landSoon();
    });
    // Up to the mark, nobody can have sent anything.
    expect(unknown.slice(0, 2)).not.toContain(true);
  });

  test.each(FAULTS)('whichever access meets this while it is queued anew: %s', async (fault) => {
    const unknown = await befall(fault, async (plan, landSoon, world) => {
      await world.queue({});
      world.executions.end(firstOf(world));
      await world.queue(plan);
      await landSoon();
    });
    expect(unknown).not.toContain(true);
  });

  test.each(START_FAULTS)('whatever befalls the start after an abort: %s', async (start) => {
    const world = setUp();
    await world.queue({});
    world.executions.end(firstOf(world));
    await world.queue({ start });
    expect(await expectOneInvitation(world)).toBe(false);
  });

  test.each(FAULTS)('whichever access meets this while it is given up: %s', async (fault) => {
    await befall(fault, async (plan, landSoon, world) => {
      await world.queue({});
      const queued = firstOf(world);
      await world.giveUp(queued, plan);
      await landSoon();
      expect(world.calls).toEqual([]);
    });
  });

  test('if the function dies while it waits for Slack', async () => {
    const world = setUp();
    await world.queue({});
    await world.turn(firstOf(world), { answer: 'none' });
    expect(world.calls).toHaveLength(1);
    expect(await expectOneInvitation(world)).toBe(true);
  });
});

describe('an execution that is over before its turn', () => {
  const aborted = async () => {
    const world = setUp();
    await world.queue({});
    const queued = firstOf(world);
    world.executions.end(queued);
    return { world, queued };
  };

  test('leaves the ask in the queue, and the next ask has another one carry it out', async () => {
    const { world, queued } = await aborted();
    expect(await world.read()).toMatchObject({ status: 'queued' });
    expect(await world.queue({})).toMatchObject({ status: 'queued' });
    expect(world.started).toHaveLength(2);
    expect(world.started[1]?.generation).toBeGreaterThan(queued.generation);
    await world.carryOut();
    expect(world.calls).toHaveLength(1);
  });

  test('whose function is still at work has the next ask wait for it', async () => {
    const { world, queued } = await aborted();
    // It has just marked the invite, and hangs.
    await world.turn(queued, { answer: 'none' });
    expect(await world.queue({})).toMatchObject({ name: 'InProgress' });
    expect(world.calls).toHaveLength(1);
  });

  test('whose function comes late finds another one in its place, and sends nothing', async () => {
    const { world, queued } = await aborted();
    await world.queue({});
    const { end, own } = await world.turn(queued);
    expect(end).toMatchObject({ name: 'Conflict', facts: { code: 'superseded' } });
    expect(own).toEqual([]);
    await world.carryOut();
    expect(world.calls).toHaveLength(1);
  });

  test('is told from one whose answer nobody heard: that one’s invite is returned', async () => {
    const world = setUp();
    await world.queue({});
    await world.carryOut();
    const invite = (await world.queue({})) as Invite;
    expect(invite).toEqual(await world.read());
    expect(invite.status).toBe('sent');
    expect(world.started).toHaveLength(1);
  });
});
