import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../functions/aws/table.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { POLICY_PATIENCE_MS } from '../../functions/lib/times.ts';
import type { EventRecord } from '../../functions/webhooks/record.ts';
import { OPEN } from '../support/fakes.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import {
  createMakingInvites,
  directInvitation,
  erase,
  type MakingInvites,
  SOURCE,
} from './make-invite.world.ts';

let table: Table;
let world: MakingInvites;
beforeAll(async () => {
  table = await newTable();
});
beforeEach(() => {
  world = createMakingInvites(table);
});

const idOf = ({ channel, email = '' }: NonNullable<EventRecord['invitation']>) =>
  inviteId({ channel, recipient: { kind: 'email', value: email } });

describe('an event with an address', () => {
  test('becomes an ask in the queue, and nobody is looked up', async () => {
    const ask = directInvitation();
    const queued = { id: idOf(ask), generation: world.now() };
    expect(await world.make(await world.receive(ask))).toEqual({ queued });
    expect(world.lookup).not.toHaveBeenCalled();
  });

  test('leaves an invite that tells through which source it came', async () => {
    const ask = directInvitation({ reference: 'HR-7' });
    await world.make(await world.receive(ask));
    expect(await world.ledger.read(idOf(ask), INVOCATION)).toMatchObject({
      channel: 'C0PARTNER01',
      recipient: ask.email,
      external_limited: true,
      status: 'queued',
      source: { door: 'hr-webhook', caller: SOURCE },
      reference: 'HR-7',
    });
  });

  test('asks for full access where its rule does', async () => {
    const ask = directInvitation({ external_limited: false });
    await world.make(await world.receive(ask));
    expect(await world.ledger.read(idOf(ask), INVOCATION)).toMatchObject({
      status: 'queued',
      external_limited: false,
    });
  });

  test('leaves a record with the invite’s id and generation, and without the address', async () => {
    const ask = directInvitation();
    const id = await world.receive(ask);
    world.pass(5000);
    await world.make(id);
    expect(await world.records.read(id)).toEqual({
      id,
      source: SOURCE,
      rule: 0,
      status: 'queued',
      started: true,
      invite: idOf(ask),
      generation: world.now(),
      received_at: '2030-01-01T00:00:00.000Z',
      updated_at: '2030-01-01T00:00:05.000Z',
    });
  });

  test('needs no source in the configuration any more', async () => {
    world.lookup.mockResolvedValue({ failed: 'no_credential', retryable: false });
    const ask = directInvitation();
    expect(await world.make(await world.receive(ask))).toMatchObject({
      queued: { id: idOf(ask) },
    });
  });
});

describe('a step that is repeated', () => {
  test('finds the same ask in the queue, however much later', async () => {
    const id = await world.receive(directInvitation());
    const made = await world.make(id);
    world.pass(60_000);
    expect(await world.make(id)).toEqual(made);
  });

  test('changes neither the invite nor the record', async () => {
    const ask = directInvitation();
    const id = await world.receive(ask);
    await world.make(id);
    const before = [await world.stored(idOf(ask)), await world.records.read(id)];
    world.pass(60_000);
    await world.make(id);
    expect([await world.stored(idOf(ask)), await world.records.read(id)]).toEqual(before);
  });

  test('says the same when the ask has left the queue since', async () => {
    const id = await world.receive(directInvitation());
    const made = await world.make(id);
    if (!made || !('queued' in made)) return expect.unreachable();
    await world.ledger.giveUp(made.queued, { class: 'Defect', code: 'given_up' }, INVOCATION);
    expect(await world.make(id)).toEqual(made);
  });

  test('after a refusal ends with the same refusal', async () => {
    world.enforce({ ...OPEN, deniedEmailDomains: ['partner.example'] });
    const ask = directInvitation();
    const id = await world.receive(ask);
    const refusal = { name: 'NotAllowed', facts: { code: 'email_domain_denied', id: idOf(ask) } };
    expect(await world.make(id)).toMatchObject(refusal);
    world.enforce(OPEN);
    expect(await world.make(id)).toMatchObject(refusal);
    expect(await world.stored(idOf(ask))).toBeUndefined();
  });
});

describe('an invite that exists already', () => {
  /** Somebody was invited in another way. */
  const sent = async (ask = directInvitation()) => {
    const request = {
      channel: ask.channel,
      recipient: { kind: 'email' as const, value: ask.email ?? '' },
      external_limited: ask.external_limited,
    };
    const claimed = await world.ledger.claim(request, leasedUntil(world.now() + 25_000));
    if (!('claim' in claimed)) return expect.unreachable();
    await claimed.claim.sending({ door: 'invite-api' });
    const slack = { invite_id: 'I0SENT', is_legacy_shared_channel: false };
    await claimed.claim.settle({ status: 'sent', slack });
    return ask;
  };

  test('is all there is to make', async () => {
    const ask = await sent();
    const id = await world.receive(ask);
    expect(await world.make(id)).toEqual({ invite: idOf(ask) });
    expect(await world.ledger.read(idOf(ask), INVOCATION)).toMatchObject({
      status: 'sent',
      attempts: 1,
    });
    const record = await world.records.read(id);
    expect(record).toMatchObject({ status: 'sent', invite: idOf(ask) });
    expect(record).not.toHaveProperty('generation');
    expect(record).not.toHaveProperty('invitation');
  });

  test('is found again by a repeated step', async () => {
    const ask = await sent();
    const id = await world.receive(ask);
    await world.make(id);
    expect(await world.make(id)).toEqual({ invite: idOf(ask) });
  });

  test('that waits in the queue is waited for under its own generation', async () => {
    const ask = directInvitation();
    const first = await world.make(await world.receive(ask));
    world.pass(60_000);
    expect(await world.make(await world.receive(ask))).toEqual(first);
  });

  test('with other terms ends the event as a conflict', async () => {
    const ask = await sent();
    const id = await world.receive({ ...ask, external_limited: false });
    const code = 'live_invite_with_other_terms';
    expect(await world.make(id)).toMatchObject({ name: 'Conflict', facts: { code } });
    expect(await world.records.read(id)).toMatchObject({
      status: 'failed',
      error: { class: 'Conflict', code },
      invite: idOf(ask),
    });
  });

  test('that is being sent right now is asked for again', async () => {
    const ask = directInvitation();
    const recipient = { kind: 'email' as const, value: ask.email ?? '' };
    const request = { channel: ask.channel, recipient, external_limited: true };
    await world.ledger.claim(request, leasedUntil(world.now() + 25_000));
    const id = await world.receive(ask);
    expect(await world.make(id)).toMatchObject({ name: 'InProgress', retryable: true });
    expect(await world.records.read(id)).toMatchObject({ status: 'received', invitation: ask });
    world.pass(25_000);
    expect(await world.make(id)).toMatchObject({ queued: { id: idOf(ask) } });
  });
});

describe('an ask that is refused', () => {
  test.each([
    ['deniedEmailDomains', { deniedEmailDomains: ['partner.example'] }, 'email_domain_denied'],
    [
      'emailDomains',
      { channels: { C0PARTNER01: { emailDomains: ['x.example'] } } },
      'email_domain_not_allowed',
    ],
    [
      'callers',
      { channels: { C0PARTNER01: { emailDomains: ['*'], callers: ['source/other', 'task'] } } },
      'caller_not_allowed',
    ],
    ['channels', { channels: { C0PARTNER02: { emailDomains: ['*'] } } }, 'channel_not_allowed'],
  ])('by %s is NotAllowed, in the record too, and nothing is queued', async (_, policy, code) => {
    world.enforce({ ...OPEN, ...policy });
    const ask = directInvitation();
    const id = await world.receive(ask);
    world.pass(POLICY_PATIENCE_MS);
    expect(await world.make(id)).toMatchObject({
      name: 'NotAllowed',
      facts: { code, id: idOf(ask) },
    });
    const record = await world.records.read(id);
    expect(record).toMatchObject({ status: 'failed', error: { class: 'NotAllowed', code } });
    expect(record).not.toHaveProperty('invitation');
    expect(await world.stored(idOf(ask))).toBeUndefined();
  });

  test('by a policy that may be older than the rule is tried again for 5 minutes', async () => {
    world.enforce({ ...OPEN, channels: {} });
    const ask = directInvitation();
    const id = await world.receive(ask);
    world.pass(POLICY_PATIENCE_MS - 1);
    expect(await world.make(id)).toMatchObject({
      name: 'Unavailable',
      facts: { code: 'policy_behind', id: idOf(ask) },
    });
    expect(await world.records.read(id)).toMatchObject({ status: 'received', invitation: ask });
    world.enforce(OPEN);
    expect(await world.make(id)).toMatchObject({ queued: { id: idOf(ask) } });
  });

  test('for full access that nobody allows is NotAllowed', async () => {
    world.enforce({ ...OPEN, channels: { '*': { emailDomains: ['*'] } } });
    const id = await world.receive(directInvitation({ external_limited: false }));
    world.pass(POLICY_PATIENCE_MS);
    expect(await world.make(id)).toMatchObject({
      name: 'NotAllowed',
      facts: { code: 'full_access_not_allowed' },
    });
  });

  test.each(['casey', 'casey@partner', 'a@b.example,c@d.example', 'cäsey@partner.example', ' '])(
    'for its address is InvalidRequest, in the record too, and does not repeat it: %s',
    async (email) => {
      const id = await world.receive(directInvitation({ email }));
      const refusal = await world.make(id);
      expect(refusal).toMatchObject({ name: 'InvalidRequest', facts: { code: 'invalid_request' } });
      if (email.trim()) expect(JSON.stringify(refusal)).not.toContain(email);
      expect(await world.records.read(id)).toMatchObject({
        status: 'failed',
        error: { class: 'InvalidRequest', code: 'invalid_request' },
      });
      expect(await world.records.read(id)).not.toHaveProperty('invitation');
    },
  );
});

describe('a record', () => {
  test('that was erased makes nothing', async () => {
    const id = await world.receive(directInvitation());
    await erase(table, id);
    expect(await world.make(id)).toMatchObject({
      name: 'NotFound',
      retryable: false,
      facts: { code: 'no_such_event' },
    });
    expect(await world.records.read(id)).toBeUndefined();
  });

  test('that is given up shows it, and keeps the address for whoever begins it anew', async () => {
    const id = await world.receive(directInvitation());
    await world.giveUp(id);
    const record = await world.records.read(id);
    expect(record).toMatchObject({
      status: 'failed',
      error: { class: 'SlackUnavailable', code: 'given_up' },
      invitation: { email: expect.stringContaining('@partner.example') },
    });
    expect(await world.make(id)).toMatchObject({ facts: { code: 'event_settled' } });
    expect(await world.records.read(id)).toEqual(record);
  });

  test.each([
    ['RateLimited', 'RateLimited'],
    ['Lambda.Unknown', 'Defect'],
    ['States.Timeout', 'Defect'],
    ['constructor', 'Defect'],
  ])('that is given up after %s shows the class %s, and has ended', async (name, errorClass) => {
    const id = await world.receive(directInvitation());
    expect(await world.giveUp(id, {}, name)).toBe(errorClass);
    expect(await world.records.read(id)).toMatchObject({
      status: 'failed',
      error: { class: errorClass, code: 'given_up' },
    });
    expect(await world.make(id)).toMatchObject({
      name: 'Conflict',
      facts: { code: 'event_settled' },
    });
  });

  test('that became an invite is not given up any more', async () => {
    const id = await world.receive(directInvitation());
    await world.make(id);
    const before = await world.records.read(id);
    expect(await world.giveUp(id)).toBeUndefined();
    expect(before).toMatchObject({ status: 'queued' });
    expect(await world.records.read(id)).toEqual(before);
  });

  test('that is given up makes nothing any more', async () => {
    const ask = directInvitation();
    const id = await world.receive(ask);
    await world.giveUp(id);
    expect(await world.make(id)).toMatchObject({
      name: 'Conflict',
      retryable: false,
      facts: { code: 'event_settled' },
    });
    expect(await world.stored(idOf(ask))).toBeUndefined();
  });

  test('that is erased before it is given up stays so', async () => {
    const id = 'evt1_'.padEnd(37, 'x');
    await world.giveUp(id);
    expect(await world.records.read(id)).toBeUndefined();
  });
});
