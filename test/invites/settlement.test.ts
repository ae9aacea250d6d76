import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import type { Settlement } from '../../functions/invites/transitions.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import {
  answerOf,
  claimOf,
  DOOR,
  newRequest,
  REFUSED,
  SLACK,
  TIMED_OUT,
} from '../support/requests.ts';
import { newTable } from '../support/tables.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
const DAY = 86_400_000;
const LEASE_MS = 30_000;

let store: LedgerStore;
let now: number;

beforeAll(async () => {
  store = ledgerTable(await newTable());
});
beforeEach(() => {
  now = START;
});

const ledger = () => createLedger(store, 400, () => now);
const read = (request: InviteRequest) => ledger().read(inviteId(request), INVOCATION);
const ask = (request: InviteRequest) =>
  answerOf(ledger().claim(request, leasedUntil(now + LEASE_MS)));
/** A whole call: claim, mark, settle. */
const call = async (request: InviteRequest, outcome: Settlement) => {
  const claim = await claimOf(ledger().claim(request, leasedUntil(now + LEASE_MS)));
  await claim.sending(DOOR);
  return claim.settle(outcome);
};
/** A call during which the function dies. */
const crash = async (request: InviteRequest) =>
  (await claimOf(ledger().claim(request, leasedUntil(now + LEASE_MS)))).sending(DOOR);

const sent = { status: 'sent', slack: SLACK } as const;
const nothing = { status: 'nothing', error: REFUSED } as const;
const unknown = { status: 'unknown', error: TIMED_OUT } as const;

describe('an invite after a call', () => {
  test('that Slack accepted is sent, for 14 days', async () => {
    const request = newRequest({ reference: 'HR-1' });
    const { invite, unrecorded } = await call(request, sent);
    expect(unrecorded).toBeUndefined();
    expect(invite).toEqual({
      id: inviteId(request),
      channel: request.channel,
      recipient: request.recipient.value,
      external_limited: true,
      status: 'sent',
      slack: SLACK,
      source: DOOR,
      reference: 'HR-1',
      attempts: 1,
      created_at: '2030-01-01T00:00:00.000Z',
      updated_at: '2030-01-01T00:00:00.000Z',
      expires_at: '2030-01-15T00:00:00.000Z',
    });
    expect(await read(request)).toEqual(invite);
    now = START + 14 * DAY - 1;
    expect(await ask(request)).toBe('returns');
    now = START + 14 * DAY;
    expect(await read(request)).toMatchObject({ status: 'expired' });
    expect(await ask(request)).toBe('sends');
  });

  test('with an unknown outcome is unknown until 14 days later', async () => {
    const request = newRequest();
    await call(request, unknown);
    expect(await read(request)).toMatchObject({ status: 'unknown', attempts: 1, error: TIMED_OUT });
    now = START + 14 * DAY;
    expect(await ask(request)).toBe('sends');
  });

  test('to somebody who is in the channel already has no end, and may be asked for again', async () => {
    const request = newRequest();
    const { invite } = await call(request, { status: 'already_in_channel' });
    expect(invite).toMatchObject({ status: 'already_in_channel', attempts: 0 });
    expect(invite.expires_at).toBeUndefined();
    expect(await ask(request)).toBe('sends');
  });

  test('that certainly did nothing has failed and counts no attempt, if it was the first', async () => {
    const request = newRequest();
    await call(request, nothing);
    const invite = await read(request);
    expect(invite).toMatchObject({ status: 'failed', attempts: 0, error: REFUSED });
    expect(invite?.expires_at).toBeUndefined();
    await call(request, nothing);
    expect(await read(request)).toMatchObject({ status: 'failed', attempts: 0 });
    expect(await ask({ ...request, resend: 0 })).toBe('sends');
  });

  test('that certainly did nothing shows the last ask, if none has ever been carried out', async () => {
    const request = newRequest({ reference: 'HR-1' });
    await call(request, nothing);
    await call({ ...request, external_limited: false, reference: 'HR-2' }, nothing);
    expect(await read(request)).toMatchObject({ external_limited: false, reference: 'HR-2' });
  });

  test('that certainly did nothing is what it was, if it was a resend, with the error noted', async () => {
    const request = newRequest();
    const { invite } = await call(request, sent);
    now = START + DAY;
    await call({ ...request, resend: 1 }, nothing);
    const at = '2030-01-02T00:00:00.000Z';
    expect(await read(request)).toEqual({ ...invite, error: { ...REFUSED, at }, updated_at: at });
    expect(await ask(request)).toBe('returns');
    expect(await ask({ ...request, resend: 1 })).toBe('sends');
  });

  test('that succeeded no longer shows the error of an earlier one', async () => {
    const request = newRequest();
    await call(request, nothing);
    await call(request, sent);
    expect((await read(request))?.error).toBeUndefined();
  });

  test('is kept for the retention after its last change, a mere claim for a day', async () => {
    const request = newRequest();
    await ledger().claim(request, leasedUntil(now + LEASE_MS));
    expect((await store.read(inviteId(request), INVOCATION))?.ttl).toBe((START + DAY) / 1000);
    now = START + LEASE_MS;
    await call(request, sent);
    expect((await store.read(inviteId(request), INVOCATION))?.ttl).toBe((now + 400 * DAY) / 1000);
  });
});

describe('a function that dies during the call', () => {
  test('leaves the invite busy while its lease lasts, unknown afterwards', async () => {
    const request = newRequest();
    await crash(request);
    now = START + LEASE_MS - 1;
    expect(await read(request)).toMatchObject({ status: 'sending' });
    expect(await ask({ ...request, resend: 1 })).toBe('InProgress');
    now = START + LEASE_MS;
    expect(await read(request)).toMatchObject({ status: 'unknown', attempts: 1 });
    expect(await ask(request)).toBe('OutcomeUnknown');
    expect(await ask({ ...request, resend: 1 })).toBe('sends');
  });

  test('leaves an unknown outcome behind also when the resend after it was refused', async () => {
    const request = newRequest();
    await crash(request);
    now = START + LEASE_MS;
    await (
      await claimOf(ledger().claim({ ...request, resend: 1 }, leasedUntil(now + LEASE_MS)))
    ).release();
    expect(await ask(request)).toBe('OutcomeUnknown');
    await call({ ...request, resend: 1 }, nothing);
    expect(await ask(request)).toBe('OutcomeUnknown');
  });

  test('during a resend has carried it out: the same resend is not sent again', async () => {
    const request = newRequest();
    await call(request, sent);
    await crash({ ...request, resend: 1 });
    now = START + LEASE_MS;
    expect(await ask({ ...request, resend: 1 })).toBe('OutcomeUnknown');
    expect(await ask({ ...request, resend: 2 })).toBe('sends');
  });
});

describe('a resend', () => {
  test('repeated sends once', async () => {
    const request = newRequest();
    await call(request, nothing);
    const { invite } = await call({ ...request, resend: 0 }, sent);
    expect(invite.attempts).toBe(1);
    expect(await ask({ ...request, resend: 0 })).toBe('returns');
    expect((await call({ ...request, resend: 1 }, sent)).invite.attempts).toBe(2);
    expect(await ask({ ...request, resend: 1 })).toBe('returns');
  });

  test('keeps the reference of the first ask, unless it brings its own', async () => {
    const request = newRequest({ reference: 'HR-1' });
    await call(request, sent);
    const { reference: _, ...withoutReference } = request;
    expect((await call({ ...withoutReference, resend: 1 }, sent)).invite.reference).toBe('HR-1');
    const other = await call({ ...request, reference: 'HR-2', resend: 2 }, sent);
    expect(other.invite.reference).toBe('HR-2');
  });

  test('above what the ledger knows is refused, and its remedy is not', async () => {
    const request = newRequest({ resend: 1_000_000 });
    const refusal = await claimOf(ledger().claim(request, leasedUntil(now + LEASE_MS))).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({
      name: 'Conflict',
      facts: { code: 'resend_ahead', attempts: 0 },
    });
    expect(await read(request)).toBeUndefined();
    expect((await call({ ...request, resend: 0 }, sent)).invite.attempts).toBe(1);
  });
});
