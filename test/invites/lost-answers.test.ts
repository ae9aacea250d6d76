import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { type Fault, faultyStore } from '../support/faults.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { answerOf, claimOf, DOOR, newRequest, SLACK } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
const LEASE_MS = 30_000;

let store: LedgerStore;
beforeAll(async () => {
  store = ledgerTable(await newTable());
});

const sent = { status: 'sent', slack: SLACK } as const;
const unavailable = { name: 'Unavailable' };

/** A person; a function whose next change of the table meets a fault; and one that comes later. */
const setUp = () => {
  let fault: Fault | undefined;
  const once = () => {
    const faulty = faultyStore(store, fault ? { 0: fault } : {});
    fault = undefined;
    return faulty;
  };
  const request = newRequest();
  const ledger = createLedger(
    {
      read: store.read,
      write: (...args) => once().write(...args),
      remove: (...args) => once().remove(...args),
    },
    400,
    () => START,
  );
  const later = createLedger(store, 400, () => START + LEASE_MS);
  return {
    claim: (resend?: number) =>
      ledger.claim(
        { ...request, ...(resend !== undefined && { resend }) },
        leasedUntil(START + LEASE_MS),
      ),
    next: (befalls: Fault) => {
      fault = befalls;
    },
    stored: () => store.read(inviteId(request), INVOCATION),
    readLater: () => later.read(inviteId(request), INVOCATION),
    sendLater: () => answerOf(later.claim(request, leasedUntil(START + 2 * LEASE_MS))),
  };
};

/** The same, with an invitation sent before. */
const setUpSent = async () => {
  const world = setUp();
  const claim = await claimOf(world.claim());
  await claim.sending(DOOR);
  const { invite } = await claim.settle(sent);
  return { ...world, invite };
};

describe('a write that the SDK repeated, since the first answer was lost,', () => {
  test('has won the claim', async () => {
    const { claim, next } = setUp();
    next('repeated');
    expect(await answerOf(claim())).toBe('sends');
    expect(await answerOf(claim())).toBe('InProgress');
  });

  test('has marked and settled the invite', async () => {
    const { claim, next, readLater } = setUp();
    const held = await claimOf(claim());
    next('repeated');
    expect(await held.sending(DOOR)).toMatchObject({ status: 'sending', attempts: 1 });
    next('repeated');
    const { invite, unrecorded } = await held.settle(sent);
    expect(unrecorded).toBeUndefined();
    expect(await readLater()).toEqual(invite);
  });

  test('has released the claim', async () => {
    const { claim, next, stored } = setUp();
    next('repeated');
    const held = await claimOf(claim());
    next('repeated');
    await held.release();
    expect(await stored()).toBeUndefined();

    const known = await setUpSent();
    const again = await claimOf(known.claim(1));
    known.next('repeated');
    await again.release();
    expect((await known.stored())?.claim).toBeUndefined();
    expect(await known.readLater()).toEqual(known.invite);
  });
});

describe('a write whose every answer was lost', () => {
  test('has claimed: the ask fails, and the claim lapses', async () => {
    const { claim, next, readLater, sendLater } = setUp();
    next('lost');
    await expect(claim()).rejects.toMatchObject(unavailable);
    expect(await answerOf(claim())).toBe('InProgress');
    expect(await readLater()).toBeUndefined();
    expect(await sendLater()).toBe('sends');
  });

  test('has marked: the release takes the mark back', async () => {
    const { claim, next, stored } = setUp();
    const held = await claimOf(claim());
    next('lost');
    await expect(held.sending(DOOR)).rejects.toMatchObject(unavailable);
    expect((await stored())?.invite?.status).toBe('sending');
    await held.release();
    expect(await stored()).toBeUndefined();

    const known = await setUpSent();
    const again = await claimOf(known.claim(1));
    known.next('lost');
    await expect(again.sending(DOOR)).rejects.toMatchObject(unavailable);
    await again.release();
    expect(await known.readLater()).toEqual(known.invite);
  });

  test('has settled: it counts as unrecorded, and the ledger knows all the same', async () => {
    const { claim, next, readLater } = setUp();
    const held = await claimOf(claim());
    await held.sending(DOOR);
    next('lost');
    const { invite, unrecorded } = await held.settle(sent);
    expect(unrecorded).toBeDefined();
    expect(await readLater()).toEqual(invite);
  });
});

describe('a write that the table did not do', () => {
  test('has marked nothing: the release leaves no item', async () => {
    const { claim, next, stored } = setUp();
    const held = await claimOf(claim());
    next('failed');
    await expect(held.sending(DOOR)).rejects.toMatchObject(unavailable);
    await held.release();
    expect(await stored()).toBeUndefined();
  });

  test('has settled nothing: the outcome is told, and the invite reads as unknown', async () => {
    const { claim, next, readLater, sendLater } = setUp();
    const held = await claimOf(claim());
    await held.sending(DOOR);
    next('failed');
    const { invite, unrecorded } = await held.settle(sent);
    expect(unrecorded).toBeDefined();
    expect(invite.status).toBe('sent');
    expect(await readLater()).toMatchObject({ status: 'unknown', attempts: 1 });
    expect(await sendLater()).toBe('OutcomeUnknown');
  });

  test('has released nothing: the claim lapses, and the invite is what it was', async () => {
    const { claim, next, readLater, invite } = await setUpSent();
    const held = await claimOf(claim(1));
    next('failed');
    await expect(held.release()).rejects.toMatchObject(unavailable);
    expect(await answerOf(claim(1))).toBe('InProgress');
    expect(await readLater()).toEqual(invite);
  });
});
