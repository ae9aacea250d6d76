import { beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../functions/aws/table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { POLICY_PATIENCE_MS } from '../../functions/lib/times.ts';
import { OPEN } from '../support/fakes.ts';
import { FAULTS, type Fault } from '../support/faults.ts';
import { newTable } from '../support/tables.ts';
import { createMakingInvites, directInvitation, TO_LOOK_UP } from './make-invite.world.ts';

/** More than any step makes here. */
const ACCESSES = 8;

let table: Table;
beforeAll(async () => {
  table = await newTable();
});

/** A workflow, and the accesses that nobody waits for any more. */
const setUp = () => {
  let late: (() => Promise<unknown>)[] = [];
  const world = createMakingInvites(table, (act) => late.push(act));
  return {
    ...world,
    /** What was given up is carried out after all. */
    async land() {
      for (const act of late) await act();
      late = [];
    },
  };
};
type World = ReturnType<typeof setUp>;

/** The workflow tries again what can be tried again, and what died. @returns how it ended. */
const carryOut = async (world: World, id: string) => {
  for (;;) {
    const made = await world.make(id);
    const again = made === undefined || (made instanceof InviteError && made.retryable);
    if (!again && !('pendingSeconds' in made)) return made;
    world.pass(60_000);
  }
};

/**
 * Each access of a step in turn meets the fault; its late writes land before the next step, or
 * after everything.
 */
const befall = async (
  fault: Fault,
  scenario: (world: World, make: (id: string) => Promise<void>) => Promise<void>,
) => {
  for (let access = 0; access < ACCESSES; access += 1) {
    for (const soon of fault === 'late' ? [true, false] : [true]) {
      const world = setUp();
      await scenario(world, async (id) => {
        await world.make(id, { [access]: fault });
        world.pass(60_000);
        if (soon) await world.land();
      });
    }
  }
};

const emailOf = (email: string) =>
  inviteId({ channel: 'C0PARTNER01', recipient: { kind: 'email', value: email } });

/** There is one ask in the queue, and everybody names it. */
const expectOneRequest = async (world: World, id: string, invite: string, end: unknown) => {
  await world.land();
  const generation = (await world.stored(invite))?.queue?.generation;
  expect(generation).toBeDefined();
  expect(end).toEqual({ queued: { id: invite, generation } });
  expect(await world.make(id)).toEqual(end);
  const record = await world.records.read(id);
  expect(record).toMatchObject({ status: 'queued', invite, generation });
  expect(record).not.toHaveProperty('invitation');
  expect(record).not.toHaveProperty('error');
};

describe('whichever access of a step meets this', () => {
  test.each(FAULTS)('one invitation is made of an event with an address: %s', async (fault) => {
    await befall(fault, async (world, make) => {
      const invitation = directInvitation();
      const id = await world.receive(invitation);
      await make(id);
      const end = await carryOut(world, id);
      await expectOneRequest(world, id, emailOf(invitation.email ?? ''), end);
    });
  });

  test.each(FAULTS)('one invitation is made of an address that is found: %s', async (fault) => {
    await befall(fault, async (world, make) => {
      const { email = '' } = directInvitation();
      world.lookup.mockResolvedValue({ email });
      const id = await world.receive(TO_LOOK_UP);
      await make(id);
      const end = await carryOut(world, id);
      await expectOneRequest(world, id, emailOf(email), end);
    });
  });

  test.each(FAULTS)('an address that is not there yet is waited for: %s', async (fault) => {
    await befall(fault, async (world, make) => {
      const { email = '' } = directInvitation();
      world.lookup.mockResolvedValueOnce({ pending: 'no_email' });
      world.lookup.mockResolvedValue({ email });
      const id = await world.receive(TO_LOOK_UP);
      await make(id);
      const end = await carryOut(world, id);
      await expectOneRequest(world, id, emailOf(email), end);
    });
  });

  test.each(FAULTS)('a refusal is what the record ends with: %s', async (fault) => {
    await befall(fault, async (world, make) => {
      world.enforce({ ...OPEN, channels: {} });
      const invitation = directInvitation();
      const id = await world.receive(invitation);
      world.pass(POLICY_PATIENCE_MS);
      await make(id);
      const end = await carryOut(world, id);
      await world.land();
      expect(end).toMatchObject({ name: 'NotAllowed', facts: { code: 'channel_not_allowed' } });
      const record = await world.records.read(id);
      expect(record).toMatchObject({
        status: 'failed',
        error: { class: 'NotAllowed', code: 'channel_not_allowed' },
      });
      expect(record).not.toHaveProperty('invitation');
      expect(await world.stored(emailOf(invitation.email ?? ''))).toBeUndefined();
    });
  });

  test.each(FAULTS)('what is given up is so in the end: %s', async (fault) => {
    for (const access of [0, 1]) {
      const world = setUp();
      const id = await world.receive(directInvitation());
      await world.giveUp(id, { [access]: fault });
      await world.giveUp(id);
      await world.land();
      expect(await world.records.read(id)).toMatchObject({
        status: 'failed',
        error: { class: 'SlackUnavailable', code: 'given_up' },
      });
    }
  });
});

test('two steps at once make one invitation', async () => {
  const world = setUp();
  const invitation = directInvitation();
  const id = await world.receive(invitation);
  await Promise.all([world.make(id), world.make(id), world.make(id)]);
  await expectOneRequest(world, id, emailOf(invitation.email ?? ''), await carryOut(world, id));
});
