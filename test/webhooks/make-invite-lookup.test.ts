import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../functions/aws/table.ts';
import { InviteError, ownError } from '../../functions/errors/invite-error.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { LOOKUP_FAILURES, type LookupFailure } from '../../functions/webhooks/lookup-request.ts';
import { createMakeInvite } from '../../functions/webhooks/make-invite.ts';
import type { EventRecord, RecordStore } from '../../functions/webhooks/record.ts';
import { OPEN } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import {
  createMakingInvites,
  erase,
  type MakingInvites,
  SOURCE,
  TO_LOOK_UP,
} from './make-invite.world.ts';
import { DAY_MS } from './receive.world.ts';

let table: Table;
let world: MakingInvites;
let id: string;
beforeAll(async () => {
  table = await newTable();
});
beforeEach(async () => {
  world = createMakingInvites(table);
  id = await world.receive(TO_LOOK_UP);
});

const NO_EMAIL = { pending: 'no_email' } as const;
const HOUR_S = 3600;
const failures = Object.entries(LOOKUP_FAILURES) as [LookupFailure, { retryable: boolean }][];
const namesOf = (retryable: boolean) =>
  failures.filter(([, failure]) => failure.retryable === retryable).map(([name]) => name);

/** Runs the step again after each pause, as the workflow does. @returns the pauses, and the end. */
const carryOn = async () => {
  const pauses: number[] = [];
  for (;;) {
    const made = await world.make(id);
    if (!made || made instanceof InviteError || !('pendingSeconds' in made)) {
      return { pauses, end: made };
    }
    pauses.push(made.pendingSeconds);
    world.pass(made.pendingSeconds * 1000);
  }
};

describe('an address that is looked up', () => {
  test('is asked for at the event’s own source, by its person’s id', async () => {
    await world.make(id);
    expect(world.lookup.mock.calls).toEqual([[SOURCE, '4711', id]]);
  });

  test('and found becomes an ask in the queue', async () => {
    const email = 'casey.found@partner.example';
    world.lookup.mockResolvedValue({ email });
    const recipient = { kind: 'email', value: email } as const;
    const invite = inviteId({ channel: 'C0PARTNER01', recipient });
    expect(await world.make(id)).toEqual({ queued: { id: invite, generation: world.now() } });
    const record = await world.records.read(id);
    expect(record).toMatchObject({ status: 'queued', invite, generation: world.now() });
    expect(record).not.toHaveProperty('invitation');
    expect(JSON.stringify(record)).not.toContain('partner.example');
  });

  test('is not asked for again once it was found', async () => {
    await world.make(id);
    await world.make(id);
    expect(world.lookup).toHaveBeenCalledTimes(1);
  });

  test('and that is not to be invited is refused like any other', async () => {
    world.enforce({ ...OPEN, deniedEmailDomains: ['acme.example'] });
    world.lookup.mockResolvedValue({ email: 'casey@acme.example' });
    expect(await world.make(id)).toMatchObject({ name: 'NotAllowed' });
    expect(await world.records.read(id)).toMatchObject({
      status: 'failed',
      error: { class: 'NotAllowed', code: 'email_domain_denied' },
    });
  });

  test('and that is none is InvalidRequest', async () => {
    world.lookup.mockResolvedValue({ email: 'none' });
    expect(await world.make(id)).toMatchObject({ name: 'InvalidRequest' });
    expect(await world.records.read(id)).toMatchObject({ status: 'failed' });
  });
});

describe('an address that is not there yet', () => {
  test.each(['no_email', 'not_found'] as const)(
    'has the workflow ask again in half a minute: %s',
    async (pending) => {
      world.lookup.mockResolvedValue({ pending });
      expect(await world.make(id)).toEqual({ pendingSeconds: 30 });
    },
  );

  test('shows in the record, which keeps the ask', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    world.pass(1000);
    await world.make(id);
    expect(await world.records.read(id)).toMatchObject({
      status: 'pending_email',
      invitation: TO_LOOK_UP,
      received_at: '2030-01-01T00:00:00.000Z',
      updated_at: '2030-01-01T00:00:01.000Z',
    });
  });

  test('is noted once, however often it is asked for', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    await world.make(id);
    const before = await world.records.read(id);
    world.pass(30_000);
    await world.make(id);
    expect(await world.records.read(id)).toEqual(before);
  });

  test('is asked for with pauses that double the wait, up to four hours, for a day', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    const { pauses, end } = await carryOn();
    expect(pauses).toEqual([
      ...[30, 30, 60, 120, 240, 480, 960, 1920, 3840, 7680],
      ...[4 * HOUR_S, 4 * HOUR_S, 4 * HOUR_S, 4 * HOUR_S, 4 * HOUR_S],
    ]);
    expect(end).toMatchObject({ name: 'NotFound', retryable: false, facts: { code: 'no_email' } });
  });

  test('after a day is what the record fails with, and the ask goes', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    await carryOn();
    const record = await world.records.read(id);
    expect(record).toMatchObject({
      status: 'failed',
      error: { class: 'NotFound', code: 'no_email' },
    });
    expect(record).not.toHaveProperty('invitation');
    expect(await world.make(id)).toMatchObject({ name: 'NotFound', facts: { code: 'no_email' } });
  });

  test('is asked for a last time when the day is over', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    await world.make(id);
    world.pass(DAY_MS);
    world.lookup.mockResolvedValue({ email: 'casey.late@partner.example' });
    expect(await world.make(id)).toHaveProperty('queued');
    expect(await world.records.read(id)).toMatchObject({ status: 'queued' });
  });

  test('ends the wait at a day, and not before', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    world.pass(DAY_MS - 1);
    expect(await world.make(id)).toEqual({ pendingSeconds: 4 * HOUR_S });
    world.pass(1);
    expect(await world.make(id)).toMatchObject({ facts: { code: 'no_email' } });
  });

  test('is asked for no more once the record was erased', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    await world.make(id);
    await erase(table, id);
    world.pass(30_000);
    expect(await world.make(id)).toMatchObject({ facts: { code: 'no_such_event' } });
    expect(world.lookup).toHaveBeenCalledTimes(1);
    expect(await world.records.read(id)).toBeUndefined();
  });

  test('is found within twice its delay, or four hours later', async () => {
    const record: EventRecord = {
      id,
      source: SOURCE,
      rule: 0,
      status: 'pending_email',
      started: true,
      invitation: TO_LOOK_UP,
      received_at: new Date(0).toISOString(),
      updated_at: new Date(0).toISOString(),
    };
    const records: RecordStore = { ...world.records, read: async () => record };
    const within = fc.nat(DAY_MS - 1);
    await fc.assert(
      fc.asyncProperty(within, async (waited) => {
        const { make } = createMakeInvite({
          records,
          enqueue: () => expect.unreachable(),
          readInvite: () => expect.unreachable(),
          lookup: async () => NO_EMAIL,
          now: () => waited,
        });
        const made = await make(id, INVOCATION);
        if (!('pendingSeconds' in made)) return expect.unreachable();
        const { pendingSeconds } = made;
        expect(Number.isInteger(pendingSeconds)).toBe(true);
        expect(pendingSeconds).toBeGreaterThanOrEqual(30);
        expect(pendingSeconds).toBeLessThanOrEqual(4 * HOUR_S);
        expect(pendingSeconds * 1000).toBeLessThanOrEqual(Math.max(waited + 1000, 30_000));
      }),
    );
  });

  test('has the workflow wait half a minute if the clocks disagree', async () => {
    world.lookup.mockResolvedValue(NO_EMAIL);
    world.pass(-5000);
    expect(await world.make(id)).toEqual({ pendingSeconds: 30 });
  });
});

describe('an HR system that does not answer', () => {
  test.each(namesOf(true))(
    'is asked again like one that has no address yet: %s',
    async (failed) => {
      world.lookup.mockResolvedValue({ failed, retryable: true });
      expect(await world.make(id)).toEqual({ pendingSeconds: 30 });
      expect(await world.records.read(id)).toMatchObject({
        status: 'received',
        invitation: TO_LOOK_UP,
      });
    },
  );

  test.each([
    ['longer than the pause', 0, 900, 900],
    ['shorter than the pause', 0, 5, 30],
    ['shorter than a pause that has grown', HOUR_S, 900, HOUR_S],
  ])('is left alone as long as it says: %s', async (_, waited, retryAfter, pendingSeconds) => {
    world.pass(waited * 1000);
    world.lookup.mockResolvedValue({ failed: 'rate_limited', retryable: true, retryAfter });
    expect(await world.make(id)).toEqual({ pendingSeconds });
  });

  test('for a day is Unavailable, and the record waits for what the workflow makes of it', async () => {
    world.lookup.mockResolvedValue({ failed: 'unavailable', retryable: true });
    const { end } = await carryOn();
    expect(end).toMatchObject({
      name: 'Unavailable',
      retryable: true,
      facts: { code: 'lookup_unavailable', retryAfter: 60 },
    });
    expect(await world.records.read(id)).toMatchObject({
      status: 'received',
      invitation: TO_LOOK_UP,
    });
  });

  test('for a day may answer after all', async () => {
    world.lookup.mockResolvedValue({ failed: 'unavailable', retryable: true });
    await carryOn();
    world.lookup.mockResolvedValue({ email: 'casey.after.all@partner.example' });
    expect(await world.make(id)).toHaveProperty('queued');
  });

  test('does not hide that the address was not there', async () => {
    world.lookup.mockResolvedValueOnce(NO_EMAIL);
    world.lookup.mockResolvedValue({ failed: 'timeout', retryable: true });
    await world.make(id);
    await world.make(id);
    expect(await world.records.read(id)).toMatchObject({ status: 'pending_email' });
  });
});

describe('a lookup that cannot succeed', () => {
  test('for an id that nobody can be asked by is the event’s own fault, at once', async () => {
    world.lookup.mockResolvedValue({ failed: 'bad_id', retryable: false });
    const end = await world.make(id);
    expect(end).toMatchObject({ name: 'InvalidRequest', facts: { code: 'bad_person_id' } });
    expect(await world.records.read(id)).toMatchObject({ status: 'failed' });
  });

  const ours = namesOf(false).filter((failed) => failed !== 'bad_id');
  test.each(ours)('waits for the operator where the configuration is wrong: %s', async (failed) => {
    world.lookup.mockResolvedValue({ failed, retryable: false });
    const end = await world.make(id);
    expect(end).toMatchObject({
      pendingSeconds: 60,
      blockedBy: { name: 'Defect', facts: { code: 'lookup_misconfigured' } },
    });
    expect((end as { blockedBy: InviteError }).blockedBy.message).toContain(failed);
    expect(await world.records.read(id)).toMatchObject({
      status: 'received',
      invitation: TO_LOOK_UP,
    });
  });

  test('is looked at after a minute, later after a quarter of an hour, and succeeds once mended', async () => {
    world.lookup.mockResolvedValue({ failed: 'unauthorized', retryable: false });
    expect(await world.make(id)).toMatchObject({ pendingSeconds: 60 });
    world.pass(DAY_MS - 1000);
    expect(await world.make(id)).toMatchObject({ pendingSeconds: 900 });
    world.lookup.mockResolvedValue({ email: 'casey@partner.example' });
    expect(await world.make(id)).toHaveProperty('queued');
  });

  test('for want of a credential leaves the record alone if the secret just did not answer', async () => {
    world.lookup.mockRejectedValue(ownError('webhook_secret_unavailable', { reason: 'Error' }));
    expect(await world.make(id)).toMatchObject({ facts: { code: 'webhook_secret_unavailable' } });
    expect(await world.records.read(id)).toMatchObject({
      status: 'received',
      invitation: TO_LOOK_UP,
    });
  });
});
