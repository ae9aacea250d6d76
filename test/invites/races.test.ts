import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Table } from '../../functions/aws/table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import type { SentInvite } from '../../functions/invites/send.ts';
import { patience, runs } from '../support/depth.ts';
import { OPEN_GATE } from '../support/fakes.ts';
import { Death, FAULTS, type Faults } from '../support/faults.ts';
import { inTurn } from '../support/in-turn.ts';
import { CALLER, newRequest } from '../support/requests.ts';
import { expectNoDouble, mayHaveSent, RESULTS, type SlackCall } from '../support/slack-calls.ts';
import { newTable } from '../support/tables.ts';
import { createWorld, LEASE_MS } from '../support/world.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(60_000);

let table: Table;
beforeAll(async () => {
  table = await newTable();
});

/** One function, invoked for one ask. */
type Door = {
  resend: number | null;
  /** What Slack answers; `none`: the function dies while it waits. */
  answer: SlackCall['answer'];
  faults: Faults;
};
const doors = fc.array(
  fc.record<Door>({
    resend: fc.option(fc.nat(2), { freq: 2 }),
    answer: fc.constantFrom(
      'sent',
      'sent',
      'sent',
      'already_in_channel',
      'unknown',
      'nothing',
      'none',
    ),
    faults: fc.dictionary(fc.nat(7).map(String), fc.constantFrom(...FAULTS), { maxKeys: 2 }),
  }),
  { minLength: 2, maxLength: 5, size: 'max' },
);
const pauses = fc.array(fc.nat(2 * LEASE_MS), { maxLength: 2 });

/** An ask's end is true: what it says of its own calls is what came of them. */
const expectTrue = (end: SentInvite | InviteError, own: SlackCall[]) => {
  const answers = own.map(({ answer }) => answer);
  if (!(end instanceof InviteError)) {
    expect(answers).toEqual(end.outcome === 'existing' ? [] : [end.outcome]);
  } else if (end.name === 'OutcomeUnknown') {
    expect(answers).toEqual(end.status === 504 ? ['unknown'] : []);
  } else {
    expect(answers).toEqual(end.name === 'SlackRefused' ? ['nothing'] : []);
  }
};

test(
  'no interleaving, crash, pause or lost answer makes Slack send twice, an answer untrue, or an ask lost',
  SLOW,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), doors, pauses, async (scheduler, plans, waits) => {
        const turn = inTurn(scheduler);
        const person = newRequest();
        const calls: SlackCall[] = [];
        const late: Promise<unknown>[] = [];
        const world = createWorld({ table });
        const { clock } = world;

        const invoke = async ({ resend, answer, faults }: Door) => {
          const own: SlackCall[] = [];
          const { send, invocation } = world.invoke({
            scheduled: turn,
            faults,
            later: (act) => late.push(turn(act)()),
            gate: OPEN_GATE,
            async inviteShared() {
              const call = { at: clock.now(), resend: resend ?? undefined, answer };
              own.push(call);
              calls.push(call);
              if (answer === 'none') throw new Death();
              return RESULTS[answer];
            },
          });
          const request: InviteRequest = { ...person, ...(resend !== null && { resend }) };
          const end = await send(request, CALLER, invocation).catch(
            (error: unknown) => error as InviteError,
          );
          if (end instanceof Death) return undefined;
          if (end instanceof Error && !(end instanceof InviteError)) throw end;
          expectTrue(end, own);
          return end;
        };

        const asked = Promise.all(plans.map(invoke));
        const waited = waits.map((ms) => turn(async () => clock.advance(ms))());
        await scheduler.waitFor(Promise.all([asked, ...waited]));
        await scheduler.waitFor(Promise.all(late));
        expectNoDouble(calls);

        clock.advance(LEASE_MS);
        const quiet = waits.length === 0 && plans.every((plan) => !isDisturbed(plan));
        const answered = calls.some(mayHaveSent);
        const last = await scheduler.waitFor(invoke({ resend: null, answer: 'sent', faults: {} }));
        expectNoDouble(calls);
        if (last instanceof InviteError) {
          expect(last.name).toBe('OutcomeUnknown');
          if (quiet) expect(answered).toBe(true);
        } else if (last?.outcome === 'existing') {
          expect(answered).toBe(true);
        }
      }),
      runs(120),
    );
  },
);

const isDisturbed = ({ answer, faults }: Door) =>
  answer === 'none' || Object.keys(faults).length > 0;

test('20 parallel requests for one person make one call, and each ends as sent, existing or in progress', async () => {
  const request = newRequest();
  const { invoke, inviteShared } = createWorld({ table });
  const sendOnce = () => {
    const { send, invocation } = invoke({ gate: OPEN_GATE });
    return send(request, CALLER, invocation).then(
      ({ outcome }) => outcome,
      ({ name }: InviteError) => name,
    );
  };
  const ends = await Promise.all(Array.from({ length: 20 }, sendOnce));
  expect(inviteShared).toHaveBeenCalledTimes(1);
  expect(ends.filter((end) => end === 'sent')).toHaveLength(1);
  expect(
    ends.filter((end) => end === 'sent' || end === 'InProgress' || end === 'existing'),
  ).toEqual(ends);
  expect(await sendOnce()).toBe('existing');
});
