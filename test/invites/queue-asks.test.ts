import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger, type EnqueueResult } from '../../functions/invites/ledger.ts';
import { OPEN } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { CALLER, DOOR, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { CELLS, put, START } from '../support/transition-cells.ts';
import type { Row } from '../support/transition-table.ts';
import { newWorld } from '../support/world.ts';

let store: LedgerStore;
beforeAll(async () => {
  store = ledgerTable(await newTable());
});

/** What an ask that does not wait came to: it waits where one that waits for the outcome sends. */
const answerOf = async (enqueueing: Promise<EnqueueResult>, row: Row): Promise<string> =>
  enqueueing.then(
    ({ queued }) => (queued && row !== 'queued' ? 'sends' : 'returns'),
    (error: InviteError) => error.name,
  );

describe('an ask that can wait', () => {
  test.each(CELLS)('on $row, $column $fields: $answer', async ({ row, fields, answer }) => {
    const ledger = createLedger(store, 400, () => START);
    const request = { ...newRequest(), ...fields };
    await put(store, row, { ...request, external_limited: true });
    const before = await store.read(inviteId(request), INVOCATION);
    expect(await answerOf(ledger.enqueue(request, CALLER, INVOCATION), row)).toBe(answer);
    const after = await store.read(inviteId(request), INVOCATION);
    if (answer !== 'sends') expect(after).toEqual(before);
    else {
      const attempts = before?.invite?.attempts ?? 0;
      expect(after?.invite).toMatchObject({ status: 'queued', attempts });
      expect(after?.queue?.resend).toBe(fields.resend);
    }
  });

  test('is shown as it was asked, queued, and as not yet called', async () => {
    const { queue, read } = await newWorld();
    const request = newRequest({ reference: 'HR-1' });
    const invite = await queue(request);
    expect(invite).toEqual({
      id: inviteId(request),
      channel: request.channel,
      recipient: request.recipient.value,
      external_limited: true,
      status: 'queued',
      source: DOOR,
      reference: 'HR-1',
      attempts: 0,
      created_at: '2030-01-01T00:00:00.000Z',
      updated_at: '2030-01-01T00:00:00.000Z',
    });
    expect(await read(request)).toEqual(invite);
  });

  test('calls nobody before its turn', async () => {
    const { queue, inviteShared, readSecret } = await newWorld();
    await queue(newRequest());
    expect(inviteShared).not.toHaveBeenCalled();
    expect(readSecret).not.toHaveBeenCalled();
  });

  test('is kept for the retention', async () => {
    const { queue, stored } = await newWorld();
    const request = newRequest();
    await queue(request);
    expect((await stored(request))?.ttl).toBe(START / 1000 + 400 * 86_400);
  });

  test('that somebody asks for again without waiting starts the same execution', async () => {
    const { queue, executions } = await newWorld();
    const request = newRequest();
    const invite = await queue(request);
    expect(await queue(request)).toEqual(invite);
    expect(await queue({ ...request, resend: 0 })).toEqual(invite);
    expect(executions.names()).toHaveLength(1);
  });

  test('that somebody asks for again and waits is given back as it waits', async () => {
    const { queue, send, inviteShared } = await newWorld();
    const request = newRequest();
    const invite = await queue(request);
    expect(await send(request)).toEqual({ invite, outcome: 'existing' });
    expect(await send({ ...request, resend: 0 })).toEqual({ invite, outcome: 'existing' });
    expect(inviteShared).not.toHaveBeenCalled();
  });

  test('that somebody asks for with other terms is a conflict, and says so', async () => {
    const { queue, send } = await newWorld();
    const request = newRequest();
    await queue(request);
    await expect(send({ ...request, external_limited: false })).rejects.toMatchObject({
      name: 'Conflict',
      facts: { code: 'queued_with_other_terms', id: inviteId(request), attempts: 0 },
    });
  });

  test('that is put there anew is no new ask, and is shown as asked before', async () => {
    const { queue, enqueue, ledger, clock } = await newWorld();
    const request = newRequest();
    const { updated_at: _, ...invite } = await queue(request);
    const queued = await enqueue(request);
    clock.advance(1000);
    const again = await ledger.enqueueAgain(queued, INVOCATION);
    expect(again.invite).toEqual({ ...invite, updated_at: '2030-01-01T00:00:01.000Z' });
  });

  test('of many at once for one person starts one execution', async () => {
    const { queue, executions } = await newWorld();
    const request = newRequest();
    const invites = await Promise.all(Array.from({ length: 10 }, () => queue(request)));
    expect(invites.map(({ status }) => status)).toEqual(invites.map(() => 'queued'));
    expect(executions.names()).toHaveLength(1);
  });
});

describe('what may not wait', () => {
  const untouched = () => expect.unreachable();
  const ledgerStore = { read: untouched, write: untouched, remove: untouched };

  test('is an ask for a url, which nobody would get: the field is named', async () => {
    const { queue, start } = await newWorld({ ledgerStore });
    const request = newRequest({ external_limited: false });
    await expect(queue(request)).rejects.toMatchObject({
      name: 'InvalidRequest',
      facts: { id: inviteId(request), errors: [{ field: 'external_limited' }] },
    });
    expect(start).not.toHaveBeenCalled();
  });

  test('is what the policy does not allow: nothing is written, nothing started', async () => {
    const policy = { ...OPEN, channels: { '*': { emailDomains: ['other.example'] } } };
    const { queue, start } = await newWorld({ ledgerStore, policy });
    const request = newRequest();
    await expect(queue(request)).rejects.toMatchObject({
      name: 'NotAllowed',
      facts: { code: 'email_domain_not_allowed', id: inviteId(request) },
    });
    expect(start).not.toHaveBeenCalled();
  });
});
