import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import type { HeldClaim } from '../../functions/invites/claim.ts';
import { type Invite, inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { patience, runs } from '../support/depth.ts';
import { INVOCATION, leasedUntil } from '../support/invocation.ts';
import { createLedgerModel, type ModelClaim, type Shown } from '../support/ledger-model.ts';
import { answerOf, DOOR, newRequest, REFUSED, SLACK, TIMED_OUT } from '../support/requests.ts';
import { expectNoDouble, LIFETIME_MS, type SlackCall } from '../support/slack-calls.ts';
import { newTable } from '../support/tables.ts';

const LEASE_MS = 30_000;

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);

let store: LedgerStore;
beforeAll(async () => {
  store = ledgerTable(await newTable());
});

const SETTLEMENTS = {
  sent: { status: 'sent', slack: SLACK },
  already_in_channel: { status: 'already_in_channel' },
  unknown: { status: 'unknown', error: TIMED_OUT },
  nothing: { status: 'nothing', error: REFUSED },
} as const;
type Outcome = keyof typeof SETTLEMENTS;

const ask = fc.record({
  kind: fc.constant('ask' as const),
  otherTerms: fc.boolean(),
  // Added to the attempts that the invite shows; null: no resend.
  resend: fc.option(fc.constantFrom(-2, -1, 0, 0, 0, 2)),
});
/** One of the doors at work does its next step: the mark, then the settlement. */
const goOn = fc.record({
  kind: fc.constant('go on' as const),
  who: fc.nat(9),
  outcome: fc.constantFrom<Outcome>('sent', 'sent', 'already_in_channel', 'unknown', 'nothing'),
});
const giveUp = fc.record({
  kind: fc.constant('give up' as const),
  who: fc.nat(9),
  crash: fc.boolean(),
});
const wait = fc.record({
  kind: fc.constant('wait' as const),
  ms: fc.constantFrom(1000, LEASE_MS - 1, LEASE_MS, LIFETIME_MS - LEASE_MS, LIFETIME_MS),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: ask },
    { weight: 8, arbitrary: goOn },
    { weight: 1, arbitrary: giveUp },
    { weight: 2, arbitrary: wait },
  ),
  { minLength: 10, maxLength: 24, size: 'max' },
);

type Door = { held: HeldClaim; model: ModelClaim; marked?: Shown; call?: SlackCall };

const shownBy = ({ status, attempts, external_limited }: Invite): Shown => ({
  status,
  attempts,
  externalLimited: external_limited,
});

test(
  'whatever doors, crashes, repeats and waits come in whatever order, the ledger keeps to its table',
  SLOW,
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        let now = Date.parse('2030-01-01T00:00:00Z');
        const ledger = createLedger(store, 400, () => now);
        const model = createLedgerModel();
        const person = newRequest();
        const doors: Door[] = [];
        const calls: SlackCall[] = [];

        const asked = async (otherTerms: boolean, resend: number | undefined) => {
          const request: InviteRequest = {
            ...person,
            external_limited: !otherTerms,
            ...(resend !== undefined && { resend }),
          };
          const before = model.shown(now);
          const until = now + LEASE_MS;
          const expected = model.ask({ externalLimited: !otherTerms, resend }, now, until);
          const result = await ledger
            .claim(request, leasedUntil(until))
            .catch((error: InviteError) => error);
          expect('name' in result ? result.name : await answerOf(Promise.resolve(result))).toBe(
            expected.answer,
          );
          if ('existing' in result) expect(shownBy(result.existing)).toEqual(before);
          if ('claim' in result) doors.push({ held: result.claim, model: expected.claim });
        };

        const goneOn = async (door: Door, outcome: Outcome) => {
          const leaves = () => doors.splice(doors.indexOf(door), 1);
          if (!door.marked) {
            const invite = await door.held.sending(DOOR).catch((error: InviteError) => error);
            if (!model.mark(door.model, now)) {
              expect(invite).toMatchObject({ name: 'InProgress' });
              return leaves();
            }
            door.marked = shownBy(invite as Invite);
            door.call = { at: now, resend: door.model.ask.resend, answer: 'none' };
            return calls.push(door.call);
          }
          const { unrecorded } = await door.held.settle(SETTLEMENTS[outcome]);
          expect(unrecorded === undefined).toBe(model.settle(door.model, door.marked, outcome));
          if (door.call) door.call.answer = outcome;
          return leaves();
        };

        for (const step of sequence) {
          const door = 'who' in step ? doors[step.who % doors.length] : undefined;
          if (step.kind === 'wait') now += step.ms;
          if (step.kind === 'ask') {
            const shown = model.shown(now)?.attempts ?? 0;
            const resend = step.resend === null ? undefined : Math.max(shown + step.resend, 0);
            await asked(step.otherTerms, resend);
          }
          if (step.kind === 'go on' && door) await goneOn(door, step.outcome);
          if (step.kind === 'give up' && door) {
            doors.splice(doors.indexOf(door), 1);
            if (!step.crash) {
              await door.held.release();
              model.release(door.model);
              if (door.call) door.call.answer = 'nothing';
            }
          }
          const invite = await ledger.read(inviteId(person), INVOCATION);
          expect(invite && shownBy(invite)).toEqual(model.shown(now));
          expectNoDouble(calls);
        }

        // No ask is lost: once everybody is gone, an ask leads to a call or to the reason against it.
        now += LEASE_MS;
        await asked(false, undefined);
      }),
      runs(50),
    );
  },
);
