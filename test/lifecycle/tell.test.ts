import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { lifeTable, pointerTable, renamedTable } from '../../functions/aws/lifecycle-table.ts';
import { dueIndex, type Table } from '../../functions/aws/table.ts';
import { ownError } from '../../functions/errors/invite-error.ts';
import {
  DETAIL_TYPES,
  type DetailType,
  inviteId,
  type Telling,
} from '../../functions/invites/invite.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { createClockSweep } from '../../functions/lifecycle/clock.ts';
import { createFollow } from '../../functions/lifecycle/follow.ts';
import { ACCEPTED, refusedWith } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createWorld } from '../support/world.ts';
import { accepted, declined, eventOf, shared, unshared } from './slack-story.ts';

const DAY_MS = 86_400_000;

let table: Table;
let told: Telling[];
/** Whether the bus takes what it is told. */
let isUp: boolean;
beforeEach(async () => {
  table = await newTable();
  told = [];
  isUp = true;
});
const tell = async (tellings: readonly Telling[]) => {
  if (isUp) told.push(...tellings);
  return isUp;
};
const types = () => told.map(({ type }) => type);

const newFollowing = () => {
  const ledgerStore = ledgerTable(table, 3);
  const world = createWorld({ table, ledgerStore, lifecycle: true, tell });
  const { now } = world.clock;
  const ports = { ledger: ledgerStore, tell, retentionDays: 400 };
  const follow = createFollow({
    ...ports,
    life: lifeTable(table),
    renamed: renamedTable(table),
    now,
  });
  const sweep = (laterMs = 0, resend?: Parameters<typeof createClockSweep>[0]['resend']) =>
    createClockSweep({
      ...ports,
      due: dueIndex(table),
      remindBeforeDays: 3,
      resend,
      now: () => now() + laterMs,
    })(INVOCATION);
  const invitationOf = ({ channel, recipient }: InviteRequest) => ({
    id: ACCEPTED.answer.invite_id,
    channel,
    email: recipient.value,
    createdAt: Math.floor(now() / 1000),
  });
  return {
    world,
    sweep,
    invitationOf,
    now,
    tells: (body: Record<string, unknown>) => follow(eventOf(body), INVOCATION),
  };
};

const SCHEMAS = Object.fromEntries(
  DETAIL_TYPES.map((type) => {
    const file = `docs/events/${type.toLowerCase().replace(' ', '-')}.schema.json`;
    return [type, z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')))];
  }),
) as Record<DetailType, z.ZodType>;

/** Each kind of event, as it comes to be. */
const drive = async () => {
  const { world, sweep, invitationOf, now, tells } = newFollowing();
  const send = async (reference?: string) => {
    const request = newRequest(reference === undefined ? {} : { reference });
    await pointerTable(table, 400)(ACCEPTED.answer.invite_id, inviteId(request), INVOCATION);
    await world.send(request).catch(() => undefined);
    return request;
  };
  const at = Math.floor(now() / 1000) + 20;
  await tells(accepted(invitationOf(await send('HR-7')), at)); // Sent, Accepted, Connected
  const refused = invitationOf(await send());
  await tells(accepted(refused, at, { approval: true }));
  await tells(declined(refused, at + 20));
  await tells(unshared('C0PARTNER01', at));
  world.inviteShared.mockResolvedValueOnce(refusedWith('restricted_action'));
  await send();
  world.inviteShared.mockResolvedValueOnce({ kind: 'unknown', reason: 'timeout' } as never);
  await send();
  const { id } = await world.enqueue(newRequest());
  await world.invoke().ports.ledger.cancel(id, INVOCATION);
  await sweep(12 * DAY_MS);
  await sweep(15 * DAY_MS);
  return { world, tells, at };
};

describe('what is told', () => {
  test('is as its schema says, for each type but the one that Slack tells nothing of', async () => {
    await drive();
    await newFollowing();
    const unheard = DETAIL_TYPES.filter((type) => !types().includes(type));
    expect(unheard.filter((type) => type !== 'Invite Expiring')).toEqual(['Invite Revoked']);
    for (const { type, detail } of told) SCHEMAS[type].parse(detail);
  });

  test('has no address, and a schema takes none', async () => {
    await drive();
    expect(JSON.stringify(told)).not.toContain('@');
    for (const { type, detail } of told) {
      const withAddress = { ...detail, recipient: 'a@b.example' };
      expect(SCHEMAS[type].safeParse(withAddress).success).toBe(false);
    }
  });

  test('is told once, however often Slack and the sweep come', async () => {
    const { world, sweep, invitationOf, now, tells } = newFollowing();
    const request = newRequest();
    await world.send(request);
    const invitation = invitationOf(request);
    const at = Math.floor(now() / 1000) + 20;
    for (let round = 0; round < 3; round += 1) {
      await tells(accepted(invitation, at, { approval: true }));
      await tells(shared(invitation.channel, at + 5));
      await sweep(20 * DAY_MS);
    }
    expect(types()).toEqual(['Invite Sent', 'Invite Accepted', 'Invite Connected']);
  });
});

describe('where the bus takes nothing for a while', () => {
  test('a door answers all the same, and the sweep tells, once, in order', async () => {
    const { world, sweep, invitationOf, now, tells } = newFollowing();
    isUp = false;
    const request = newRequest();
    const { invite } = await world.send(request);
    expect(invite.status).toBe('sent');
    await tells(accepted(invitationOf(request), Math.floor(now() / 1000) + 20));
    expect(await sweep(DAY_MS)).toMatchObject({ told: 0 });
    isUp = true;
    await sweep(DAY_MS);
    await sweep(DAY_MS);
    expect(types()).toEqual(['Invite Sent', 'Invite Accepted', 'Invite Connected']);
  });

  test('Slack is told to send the end of a connection again', async () => {
    const { tells, now } = newFollowing();
    const body = unshared('C0PARTNER01', Math.floor(now() / 1000));
    isUp = false;
    await expect(tells(body)).rejects.toMatchObject({ facts: { code: 'bus_unavailable' } });
    isUp = true;
    expect(await tells(body)).toBe('changed');
    expect(await tells(body)).toBe('known');
    expect(types()).toEqual(['Channel Disconnected']);
  });
});

test('wherever a door dies, something true is told in the end of whoever may have been invited', async () => {
  const deaths = [0, 1, 2, 3, 4].flatMap((access) =>
    (['dies before', 'dies after'] as const).map((fault) => ({ [access]: fault })),
  );
  for (const faults of deaths) {
    table = await newTable();
    told = [];
    const { world, sweep } = newFollowing();
    const request = newRequest();
    const { send, invocation } = world.invoke({ faults });
    await world.clock.run([() => send(request, CALLER, invocation).catch(() => undefined)]);
    await sweep(60_000);
    const calls = world.inviteShared.mock.calls.length;
    if (calls > 0) expect(types().filter((type) => /Sent|Unknown/.test(type))).not.toEqual([]);
    for (const { type, detail } of told) SCHEMAS[type].parse(detail);
  }
});

test('a new invitation makes two calls more with lifecycle: the pointer, and one that tells', async () => {
  const calls = async (lifecycle: boolean) => {
    let count = 0;
    const counted = async (...args: Parameters<typeof tell>) => {
      count += 1;
      return tell(...args);
    };
    const { client, name } = await newTable();
    const counting: Table['client'] = (...args) => {
      count += 1;
      return client(...args);
    };
    const stack = { client: counting, name };
    const world = createWorld({
      table: stack,
      ledgerStore: ledgerTable(stack, lifecycle ? 3 : undefined),
      ...(lifecycle && { lifecycle, tell: counted }),
    });
    await world.send(newRequest());
    return count;
  };
  expect([await calls(false), await calls(true)]).toEqual([4, 6]);
});

describe('resendOnExpiry', () => {
  test('sends again by the queue once, and not a second time', async () => {
    const { world, sweep } = newFollowing();
    const request = newRequest();
    await world.send(request);
    const again: number[] = [];
    const resend: Parameters<typeof sweep>[1] = async ({ invite }) => {
      again.push(invite?.attempts ?? 0);
      const { channel, external_limited, attempts = 0 } = invite ?? ({} as never);
      await world.queue({ ...request, channel, external_limited, resend: attempts });
    };
    await sweep(15 * DAY_MS, resend);
    await sweep(15 * DAY_MS, resend);
    expect(again).toEqual([1]);
    expect(types()).toEqual(['Invite Sent', 'Invite Expired']);
    expect((await world.read(request))?.status).toBe('queued');
  });

  test('that fails for now is tried again, and one that cannot be is not', async () => {
    const { world, sweep } = newFollowing();
    await world.send(newRequest());
    const errors = [
      ownError('table_unavailable', { reason: 'x' }),
      ownError('caller_not_allowed', { channel: 'C', forms: 'x', key: 'C' }),
    ];
    const tried: string[] = [];
    const resend = async () => {
      const error = errors.shift();
      tried.push(error?.name ?? 'again');
      if (error) throw error;
    };
    for (let round = 0; round < 4; round += 1) await sweep(15 * DAY_MS + round, resend);
    expect(tried).toEqual(['Unavailable', 'NotAllowed']);
  });
});
