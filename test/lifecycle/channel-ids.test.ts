import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { lifeTable } from '../../functions/aws/lifecycle-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { idsOf } from '../../functions/invites/channel-ids.ts';
import { runs } from '../support/depth.ts';
import { INVOCATION } from '../support/invocation.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createWorld } from '../support/world.ts';

/** One for each test, since each has a gate of its own. */
let table: Table;
beforeEach(async () => {
  table = await newTable();
});

let channels = 0;
/** A channel's ids, as Slack changes them one after the other. */
const channelWith = (changes: number): string[] => {
  channels += 1;
  return Array.from({ length: changes + 1 }, (_, index) => `C0CHANNEL${channels}N${index}`);
};

const rename = (before: string, after: string) =>
  lifeTable(table).rename(before, after, INVOCATION);

const worldFor = (...allowed: string[]) => {
  const row = { emailDomains: ['partner.example'], userIds: false, fullAccess: false };
  const policy = {
    channels: Object.fromEntries(allowed.map((channel) => [channel, row])),
    deniedEmailDomains: [],
    readers: [],
  };
  return createWorld({ table, policy, lifecycle: true, pace: { ratePerMinute: 6000, burst: 19 } });
};

describe('the ids of a channel', () => {
  test('are found from each of them, the first one first, in whatever order the changes were told', () => {
    const renamed = { C3: 'C2', C2: 'G1', C9: 'C8' };
    for (const id of ['G1', 'C2', 'C3']) expect(idsOf(renamed, id)).toEqual(['G1', 'C2', 'C3']);
    expect(idsOf(renamed, 'C5')).toEqual(['C5']);
    expect(idsOf(renamed, 'constructor')).toEqual(['constructor']);
  });

  test('are finite where Slack gives an old one back', () => {
    expect(idsOf({ C2: 'C1', C1: 'C2' }, 'C1').sort()).toEqual(['C1', 'C2']);
  });
});

test('a request under a later id is the invite of the first one: before, during and after the change, Slack is called once for each person, under the id that it has then', async () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('change', 'send', 'send', 'queue'),
      person: fc.nat(1),
      by: fc.nat(2),
      cold: fc.boolean(),
    }),
    { minLength: 3, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      table = await newTable();
      const ids = channelWith(2);
      const world = worldFor(ids[0] as string);
      const people = [newRequest(), newRequest()];
      let warm = world.invoke();
      let changes = 0;
      const shown = new Map<number, string>();
      for (const { what, person, by, cold } of steps) {
        if (what === 'change' && changes < 2) {
          await rename(ids[changes] as string, ids[changes + 1] as string);
          changes += 1;
          continue;
        }
        if (cold) warm = world.invoke();
        // A channel has no id that it does not have yet.
        const channel = ids[Math.min(by, changes)] as string;
        const request = { ...people[person], channel } as (typeof people)[0];
        const calls = world.inviteShared.mock.calls.length;
        const invite =
          what === 'queue'
            ? await warm.inviteQueue.queue(request, CALLER, INVOCATION)
            : (
                await world.clock.run([() => warm.send(request, CALLER, world.invoke().invocation)])
              )[0]?.invite;
        expect(shown.get(person) ?? invite?.id).toBe(invite?.id);
        shown.set(person, invite?.id as string);
        expect(invite?.channel).toBe(ids[0]);
        const made = world.inviteShared.mock.calls.slice(calls);
        for (const [, { channel: called }] of made) expect(called).toBe(ids[changes]);
      }
      const sent = world.inviteShared.mock.calls.map(([, given]) =>
        JSON.stringify({ ...given, channel: '' }),
      );
      expect(new Set(sent).size).toBe(sent.length);
    }),
    runs(60),
  );
});

describe('the policy', () => {
  test('follows the channel: a row under an earlier id is the channel’s, and one under the present id goes before it', async () => {
    const [first = '', present = ''] = channelWith(1);
    await rename(first, present);
    const world = worldFor(first);
    const { invite } = await world.send(newRequest({ channel: present }));
    expect(invite).toMatchObject({ channel: first, status: 'sent' });

    const strict = createWorld({
      table,
      lifecycle: true,
      policy: {
        channels: {
          [first]: { emailDomains: ['partner.example'], userIds: false, fullAccess: false },
          [present]: { emailDomains: ['other.example'], userIds: false, fullAccess: false },
        },
        deniedEmailDomains: [],
        readers: [],
      },
    });
    await strict.invoke().ports.ids?.renew(first, INVOCATION);
    await expect(strict.queue(newRequest({ channel: present }))).rejects.toMatchObject({
      name: 'NotAllowed',
    });
  });

  test('refuses as before what Slack has told nothing of', async () => {
    const [first = '', other = ''] = channelWith(1);
    await expect(worldFor(first).send(newRequest({ channel: other }))).rejects.toMatchObject({
      name: 'NotAllowed',
    });
  });
});

test('an invite that was made under a later id before Slack told of the change stays what it is', async () => {
  const [first = '', present = ''] = channelWith(1);
  const world = worldFor(first, present);
  const request = newRequest({ channel: present });
  const { invite } = await world.send(request);
  await rename(first, present);
  expect((await world.send(request)).invite.id).toBe(invite.id);
  expect(world.inviteShared).toHaveBeenCalledTimes(1);
});

test('where the policy allows both ids, a function that knows of no change learns of it at the gate, before it sends', async () => {
  const [first = '', present = ''] = channelWith(1);
  const world = worldFor(first, present);
  const request = newRequest({ channel: first });
  const { invite } = await world.send(request);
  await rename(first, present);
  const again = await world.send({ ...request, channel: present });
  expect(again).toMatchObject({ outcome: 'existing', invite: { id: invite.id } });
  expect(world.inviteShared).toHaveBeenCalledTimes(1);
  // The claim under the other id is gone.
  expect(await world.stored({ ...request, channel: present })).toBeUndefined();
});
