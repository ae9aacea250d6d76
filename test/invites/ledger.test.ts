import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { useDynalite } from '../support/dynalite.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { answerOf, claimOf, DOOR, newRequest } from '../support/requests.ts';
import { CELLS, LEASE, put, START } from '../support/transition-cells.ts';
import type { Row } from '../support/transition-table.ts';

const newTable = useDynalite();
let store: LedgerStore;
let now: number;
const ledger = () => createLedger(store, 400, () => now);

beforeAll(async () => {
  store = ledgerTable(await newTable());
  now = START;
});

const at = async (time: number, check: () => Promise<void>) => {
  now = time;
  await check().finally(() => {
    now = START;
  });
};

describe('the transition table', () => {
  test.each(CELLS)('$row, $column $fields: $answer', async ({ row, fields, answer }) => {
    const request = newRequest();
    await put(store, row, request);
    const before = await store.read(inviteId(request), INVOCATION);
    expect(await answerOf(ledger().claim({ ...request, ...fields }, leasedUntil(LEASE)))).toBe(
      answer,
    );
    if (answer !== 'sends') expect(await store.read(inviteId(request), INVOCATION)).toEqual(before);
  });

  test('a refusal says what to do: the attempts for a resend, or when to ask again', async () => {
    const claiming = async (row: Row, fields = {}) => {
      const request = newRequest();
      await put(store, row, request);
      return ledger().claim({ ...request, ...fields }, leasedUntil(LEASE));
    };
    await expect(claiming('unknown')).rejects.toMatchObject({
      status: 409,
      facts: { attempts: 2 },
    });
    const otherTerms = claiming('sent', { external_limited: false });
    await expect(otherTerms).rejects.toMatchObject({ status: 409, facts: { attempts: 2 } });
    const guessed = claiming('sent', { resend: 9 });
    await expect(guessed).rejects.toMatchObject({ facts: { code: 'resend_ahead', attempts: 2 } });
    await expect(claiming('sending')).rejects.toMatchObject({ facts: { retryAfter: 5 } });
  });
});

describe('a claim', () => {
  test('leaves the invite as it reads, and no invite where there was none', async () => {
    const request = newRequest();
    await ledger().claim(request, leasedUntil(LEASE));
    expect(await ledger().read(inviteId(request), INVOCATION)).toBeUndefined();

    const known = newRequest();
    await put(store, 'sent', known);
    const before = await ledger().read(inviteId(known), INVOCATION);
    await ledger().claim({ ...known, resend: 2 }, leasedUntil(LEASE));
    expect(await ledger().read(inviteId(known), INVOCATION)).toEqual(before);
  });

  test('on an invite does not let the table drop it the sooner', async () => {
    const known = newRequest();
    await put(store, 'sent', known);
    await ledger().claim({ ...known, resend: 2 }, leasedUntil(LEASE));
    const { ttl = 0 } = (await store.read(inviteId(known), INVOCATION)) ?? {};
    expect(ttl).toBeGreaterThanOrEqual(START / 1000 + 400 * 86_400);
  });

  test('released leaves the invite as it was, and no item where there was none', async () => {
    const request = newRequest();
    await (await claimOf(ledger().claim(request, leasedUntil(LEASE)))).release();
    expect(await store.read(inviteId(request), INVOCATION)).toBeUndefined();

    const known = newRequest();
    await put(store, 'sent', known);
    const before = await store.read(inviteId(known), INVOCATION);
    await (await claimOf(ledger().claim({ ...known, resend: 2 }, leasedUntil(LEASE)))).release();
    const after = await store.read(inviteId(known), INVOCATION);
    expect(after?.invite).toEqual(before?.invite);
    expect(after?.claim).toBeUndefined();
  });

  test('released after its mark takes the mark back', async () => {
    const request = newRequest();
    const claim = await claimOf(ledger().claim(request, leasedUntil(LEASE)));
    await claim.sending(DOOR);
    await claim.release();
    expect(await store.read(inviteId(request), INVOCATION)).toBeUndefined();
  });

  test('that lapses before its mark is free, and cannot be marked any more', async () => {
    const request = newRequest();
    const slow = await claimOf(ledger().claim(request, leasedUntil(LEASE)));
    await at(LEASE, async () => {
      await expect(slow.sending(DOOR)).rejects.toMatchObject({ name: 'InProgress' });
      expect(await ledger().read(inviteId(request), INVOCATION)).toBeUndefined();
      expect(await answerOf(ledger().claim(request, leasedUntil(LEASE + 1000)))).toBe('sends');
    });
  });

  test('that another one has taken over touches nothing of it', async () => {
    const request = newRequest();
    const slow = await claimOf(ledger().claim(request, leasedUntil(LEASE)));
    await at(LEASE, async () => {
      const other = await claimOf(ledger().claim(request, leasedUntil(LEASE + 30_000)));
      await slow.release();
      now = START; // the slow one's clock
      await expect(slow.sending(DOOR)).rejects.toMatchObject({ name: 'InProgress' });
      now = LEASE;
      expect(await other.sending(DOOR)).toMatchObject({ status: 'sending', attempts: 1 });
    });
  });

  test('that always comes too late is in progress elsewhere', async () => {
    const busy = { ...store, write: async () => false };
    const claiming = createLedger(busy, 400, () => now).claim(newRequest(), leasedUntil(LEASE));
    await expect(claiming).rejects.toMatchObject({ name: 'InProgress', facts: { retryAfter: 1 } });
  });

  test('of many at once for one invite is won by exactly one', async () => {
    const request = newRequest();
    const claims = Array.from({ length: 20 }, () =>
      answerOf(ledger().claim(request, leasedUntil(LEASE))),
    );
    const answers = await Promise.all(claims);
    expect(answers.filter((answer) => answer === 'sends')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'InProgress')).toHaveLength(19);
  });
});
