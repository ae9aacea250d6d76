import { beforeEach, describe, expect, test, vi } from 'vitest';
import { waitTable } from '../../functions/aws/lifecycle-table.ts';
import { dueIndex } from '../../functions/aws/table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import type { Invite, Status } from '../../functions/invites/invite.ts';
import { createWaitSweep, createWaits, type Tasks } from '../../functions/lifecycle/waits.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';

const ID = `inv1_${'A'.repeat(32)}`;
const LATER_MS = 11 * 60_000;

/** Tasks that wait for one invite, whose status the test sets without any news. */
const setUp = async () => {
  const table = await newTable();
  const waits = waitTable(table, 400);
  const tasks = {
    refusalOf: vi.fn<Tasks['refusalOf']>(),
    succeed: vi.fn<Tasks['succeed']>(),
    fail: vi.fn<Tasks['fail']>(),
  };
  let status: Status = 'queued';
  const invite = () => ({ id: ID, status }) as Invite;
  const { add, report } = createWaits({ waits, tasks, readInvite: async () => invite() });
  const due = dueIndex(table);
  return {
    tasks,
    becomes: (next: Status) => {
      status = next;
    },
    waitFor: (waitFor: 'sent' | 'connected', token = 'token') =>
      add(ID, { waitFor, token }, INVOCATION),
    report: () => report(ID, INVOCATION),
    sweep: (aheadMs = LATER_MS) =>
      createWaitSweep(due, { report }, () => Date.now() + aheadMs)(INVOCATION),
    tokens: async () => (await waits.of(ID, INVOCATION)).map(({ token }) => token),
    isDue: async () =>
      (await due.overdue('wait', Number.MAX_SAFE_INTEGER, 10, INVOCATION)).length === 1,
  };
};

let world: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  world = await setUp();
});

describe('a task of which no news comes', () => {
  test.each([
    ['finds the person in the channel', 'already_in_channel'],
    ['was told of before it was written', 'sent'],
  ] as const)('is ended by the sweep where its invite %s', async (_, status) => {
    await world.waitFor('sent');
    world.becomes(status);
    expect(await world.sweep()).toEqual([]);
    expect(world.tasks.succeed).toHaveBeenCalledOnce();
    expect(await world.tokens()).toEqual([]);
    expect(await world.isDue()).toBe(false);
  });

  test('waits on while there is nothing to tell, and is found again', async () => {
    await world.waitFor('connected');
    world.becomes('sent');
    await world.sweep();
    await world.sweep(2 * LATER_MS);
    expect(world.tasks.succeed).not.toHaveBeenCalled();
    expect(await world.tokens()).toEqual(['token']);
    world.becomes('declined');
    await world.sweep(4 * LATER_MS);
    expect(world.tasks.fail).toHaveBeenCalledOnce();
    expect(await world.isDue()).toBe(false);
  });

  test('is left to its news for ten minutes', async () => {
    await world.waitFor('sent');
    world.becomes('sent');
    await world.sweep(0);
    expect(world.tasks.succeed).not.toHaveBeenCalled();
  });
});

test('a task that could not be ended is not forgotten', async () => {
  await world.waitFor('sent');
  world.becomes('sent');
  const refused = ownError('workflow_misconfigured', { reason: 'AccessDeniedException' });
  world.tasks.succeed.mockRejectedValueOnce(refused);
  await expect(world.report()).rejects.toBe(refused);
  expect(await world.tokens()).toEqual(['token']);

  world.tasks.succeed.mockRejectedValueOnce(refused);
  expect(await world.sweep()).toMatchObject([{ code: 'workflow_misconfigured' }]);
  expect(await world.sweep()).toEqual([]);
  expect(await world.tokens()).toEqual([]);
});

test('the index forgets an invite of which all tasks have ended by news', async () => {
  await world.waitFor('sent');
  world.becomes('sent');
  await world.report();
  expect(await world.isDue()).toBe(true);
  await world.sweep();
  expect(await world.isDue()).toBe(false);
});
