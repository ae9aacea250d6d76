import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { inviteExecutionName } from '../../functions/invites/queue.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { patience, runs } from '../support/depth.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { CALLER, claimOf, DOOR, newRequest, REFUSED } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { DAY, START } from '../support/transition-cells.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);
const LEASE_MS = 30_000;

let store: LedgerStore;
beforeAll(async () => {
  store = ledgerTable(await newTable());
});

/** One person, whose asks enter the queue and leave it in every way that there is. */
const setUp = (request: InviteRequest = newRequest()) => {
  let now = START;
  const id = inviteId(request);
  const ledger = createLedger(store, 400, () => now);
  const stored = async () => (await store.read(id, INVOCATION))?.queue?.generation;
  const waits = async () => ({ id, generation: (await stored()) as number });
  const claimTurn = async () =>
    claimOf(ledger.claimTurn(await waits(), leasedUntil(now + LEASE_MS)));

  return {
    id,
    setClock: (time: number) => {
      now = time;
    },
    stored,
    async enqueue() {
      const { queued } = await ledger.enqueue(request, CALLER, INVOCATION);
      return queued?.generation as number;
    },
    /** The execution is over, and the ask still waits. */
    async enqueueAgain() {
      const { queued } = await ledger.enqueueAgain(await waits(), INVOCATION);
      return queued?.generation as number;
    },
    ends: {
      'refused before the call': async () =>
        (await claimTurn()).release(new InviteError(REFUSED.class, { ...REFUSED, detail: '' })),
      'given up': async () => ledger.giveUp(await waits(), REFUSED, INVOCATION),
      'refused by Slack': async () => {
        const claim = await claimTurn();
        await claim.sending(DOOR);
        await claim.settle({ status: 'nothing', error: REFUSED });
      },
      'in the channel': async () => {
        const claim = await claimTurn();
        await claim.sending(DOOR);
        await claim.settle({ status: 'already_in_channel' });
      },
    },
    /** Somebody who waits for the outcome asks, and is refused. */
    async failToSend() {
      const claim = await claimOf(ledger.claim(request, leasedUntil(now + LEASE_MS)));
      await claim.sending(DOOR);
      await claim.settle({ status: 'nothing', error: REFUSED });
    },
  };
};
type End = keyof ReturnType<typeof setUp>['ends'];
const ENDS = Object.keys(setUp().ends) as End[];

describe('a generation', () => {
  test('is the time at which the ask entered the queue', async () => {
    expect(await setUp().enqueue()).toBe(START);
  });

  test('is written with the ask itself', async () => {
    const { enqueue, stored } = setUp();
    expect(await stored()).toBeUndefined();
    const generation = await enqueue();
    expect(await stored()).toBe(generation);
  });

  test('is followed by the next when the execution is over, while the clock stands', async () => {
    const { enqueue, enqueueAgain, stored } = setUp();
    await enqueue();
    expect(await enqueueAgain()).toBe(START + 1);
    expect(await enqueueAgain()).toBe(START + 2);
    expect(await stored()).toBe(START + 2);
  });

  test.each(ENDS)('is never given out again once the ask has ended: %s', async (end) => {
    const { enqueue, ends } = setUp();
    const first = await enqueue();
    await ends[end]();
    expect(await enqueue()).toBeGreaterThan(first);
  });

  test('is not forgotten over an ask that did not wait', async () => {
    const { enqueue, ends, failToSend } = setUp();
    const first = await enqueue();
    await ends['refused by Slack']();
    await failToSend();
    expect(await enqueue()).toBeGreaterThan(first);
  });

  test('is not forgotten when the ask lapses, even if the clock goes back then', async () => {
    const { enqueue, setClock, failToSend } = setUp();
    const first = await enqueue();
    setClock(START + 7 * DAY);
    await failToSend();
    setClock(START);
    expect(await enqueue()).toBeGreaterThan(first);
  });

  test('is not used again after the item was erased, since the time has gone on', async () => {
    const { id, enqueue, enqueueAgain, setClock } = setUp();
    await enqueue();
    const last = await enqueueAgain();
    const item = await store.read(id, INVOCATION);
    await store.remove(id, item?.revision as string, INVOCATION);
    setClock(START + 1000);
    expect(await enqueue()).toBeGreaterThan(last);
  });

  test(
    'grows, whichever way the clock runs and however the asks before it ended',
    SLOW,
    async () => {
      const step = fc.record({
        clock: fc.integer({ min: -5000, max: 5000 }),
        next: fc.constantFrom<End | 'over'>('over', ...ENDS),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
          const { enqueue, enqueueAgain, ends, setClock } = setUp();
          const given: number[] = [];
          let waits = false;
          for (const { clock, next } of steps) {
            setClock(START + clock);
            if (!waits) given.push(await enqueue());
            if (next === 'over') given.push(await enqueueAgain());
            else await ends[next]();
            waits = next === 'over';
          }
          expect(given).toEqual([...new Set(given)].sort((a, b) => a - b));
        }),
        runs(40),
      );
    },
  );
});

describe('the name of an execution', () => {
  test('is of Step Functions’ alphabet and length, as far as numbers go', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.maxSafeNat(), (value, generation) => {
        const id = inviteId(newRequest({ recipient: { kind: 'email', value } }));
        expect(inviteExecutionName({ id, generation })).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
      }),
    );
  });

  test('is another one for each invite and each generation', () => {
    const [one, other] = [setUp().id, setUp().id];
    const asks = [one, other].flatMap((id) => [1, 2].map((generation) => ({ id, generation })));
    expect(new Set(asks.map(inviteExecutionName)).size).toBe(4);
  });
});
