import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { LedgerStore } from '../../functions/invites/invite.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import { QUEUE_LIFETIME_MS } from '../../functions/lib/times.ts';
import { patience, runs } from '../support/depth.ts';
import { FAULTS } from '../support/faults.ts';
import { inTurn } from '../support/in-turn.ts';
import { expectNoDouble, mayHaveSent, type SlackCall } from '../support/slack-calls.ts';
import { newTable } from '../support/tables.ts';
import { LEASE_MS } from '../support/world.ts';
import { createQueueWorld, type Plan, type QueueWorld, START_FAULTS } from './queue.world.ts';

/** For a busy machine: a property takes a few seconds on an idle one. */
const SLOW = patience(120_000);

let table: Table;
let store: LedgerStore;
beforeAll(async () => {
  table = await newTable();
  store = ledgerTable(table);
});

const answer = fc.constantFrom<SlackCall['answer']>(
  'sent',
  'sent',
  'sent',
  'already_in_channel',
  'unknown',
  'nothing',
  'none',
);
const faults: fc.Arbitrary<NonNullable<Plan['faults']>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.nat(7).map(String), fc.constantFrom(...FAULTS), { maxKeys: 2 }),
  },
);
const resend = fc.option(fc.nat(2), { freq: 2, nil: undefined });
const away = fc.option(fc.constantFrom('gate', 'slack'), { freq: 4, nil: undefined });
const start = fc.option(fc.constantFrom(...START_FAULTS), { freq: 3, nil: undefined });
/** One of the executions, the first or the last mostly. */
const which = fc.constantFrom(0, 1, -1, -1, -1);

type Action =
  | ({ kind: 'queue' | 'send' } & Plan)
  | ({ kind: 'turn' | 'give up'; which: number } & Plan)
  | { kind: 'abort'; which: number }
  | { kind: 'wait'; ms: number };

const weighted = <T>(weight: number, fields: { [Field in keyof T]: fc.Arbitrary<T[Field]> }) => ({
  weight,
  arbitrary: fc.record(fields),
});
const kind = fc.constant;
const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(4, { kind: kind('queue'), resend, faults, start }),
  weighted(2, { kind: kind('send'), resend, answer, away, faults }),
  weighted(4, { kind: kind('turn'), which, answer, away, faults }),
  weighted(1, { kind: kind('give up'), which, faults }),
  weighted(1, { kind: kind('abort'), which }),
  weighted(2, {
    kind: kind('wait'),
    ms: fc.constantFrom(1, 1000, LEASE_MS, LEASE_MS, QUEUE_LIFETIME_MS),
  }),
);
/** What goes on at once, and what after it: mostly, somebody has just put an ask into the queue. */
const rounds = fc
  .tuple(
    fc.option(fc.constant<Action[]>([{ kind: 'queue' }]), { nil: [] }),
    fc.array(fc.array(action, { minLength: 1, maxLength: 4, size: 'max' }), {
      minLength: 1,
      maxLength: 4,
      size: 'max',
    }),
  )
  .map(([first, others]) => [first, ...others]);

/** An ask that somebody was told waits: when it came, and what there had been until then. */
type Promised = { at: number; calls: number; ends: number };
/** `ends`: of an ask's wait, or of an execution before it came to the ask. */
type World = QueueWorld & { promised: Promised[]; ends: number };

const act = async (world: World, step: Action): Promise<void> => {
  const execution = 'which' in step ? world.started.at(step.which) : undefined;
  switch (step.kind) {
    case 'queue': {
      const asked = { at: world.now(), calls: world.calls.length, ends: world.ends };
      const invite = await world.queue(step);
      if (invite && 'status' in invite && invite.status === 'queued') world.promised.push(asked);
      return;
    }
    case 'send':
      await world.send(step);
      return;
    case 'turn':
      if (execution) await carriedOut(world, execution, step);
      return;
    case 'give up':
      if (execution) await world.giveUp(execution, step);
      return;
    case 'abort':
      if (execution) world.executions.end(execution);
      world.ends += 1;
      return;
    case 'wait':
      world.pass(step.ms);
      if (step.ms === QUEUE_LIFETIME_MS) world.ends += 1;
  }
};

/** A turn whose end is true, and is the execution's if it is final. */
const carriedOut = async (world: QueueWorld, queued: QueueKey, plan: Plan): Promise<void> => {
  const { end, own } = await world.turn(queued, plan);
  if (!end) return;
  const answers = own.map((call) => call.answer);
  if (!(end instanceof InviteError)) {
    expect(answers).toEqual(end.outcome === 'existing' ? [] : [end.outcome]);
  } else if (end.name === 'OutcomeUnknown') {
    expect(answers).toEqual(end.status === 504 ? ['unknown'] : []);
  } else {
    expect(own.filter(mayHaveSent)).toEqual([]);
  }
  if (!(end instanceof InviteError && end.retryable)) world.executions.end(queued);
};

/** The executions have left nothing behind that somebody was told waits, unless one was aborted. */
const expectCarriedOut = async ({ read, promised, ends }: World): Promise<void> => {
  if ((await read())?.status !== 'queued') return;
  expect(promised.filter((asked) => asked.ends === ends)).toEqual([]);
};

/** Whoever was told that their ask waits finds it carried out, or an error that says what is known. */
const expectKept = async (world: World): Promise<void> => {
  const { promised } = world;
  const invite = await world.read();
  if (promised.length > 0) expect(invite).toBeDefined();
  if (!invite) return;
  expect(['queued', 'sending']).not.toContain(invite.status);
  if (invite.status === 'failed') {
    expect(invite.error).toBeDefined();
    expect(invite.error?.class).not.toBe('OutcomeUnknown');
  }
  for (const { at, calls } of promised) {
    const called = world.calls.slice(calls).some((call) => call.answer !== 'nothing');
    const shown = invite.error !== undefined && Date.parse(invite.error.at) >= at;
    const unknown = invite.status === 'unknown' || invite.status === 'expired';
    expect([called, shown, unknown]).toContain(true);
  }
};

test(
  'no interleaving of asks, turns, deaths and waits sends twice, or forgets an ask that was queued',
  SLOW,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), rounds, async (scheduler, plan) => {
        const scheduled = inTurn(scheduler);
        const late: Promise<unknown>[] = [];
        const later = (access: () => Promise<unknown>) => {
          late.push(scheduled(access)());
        };
        const write: typeof store.write = async (item, ...rest) => {
          const written = await store.write(item, ...rest);
          if (written && !item.queue) world.ends += 1;
          return written;
        };
        const world: World = {
          ...createQueueWorld({ table, ledgerStore: { ...store, write } }, { later, scheduled }),
          promised: [],
          ends: 0,
        };
        for (const steps of plan) {
          // Each begins when the scheduler says, and sees what there is then.
          const begun = steps.map(async (step) => {
            await scheduled(async () => undefined)();
            await act(world, step);
          });
          await scheduler.waitFor(Promise.all(begun));
          expectNoDouble(world.calls);
        }
        await scheduler.waitFor(Promise.all(late));

        // The executions go on to their ends, and what none of them has left lapses.
        world.pass(LEASE_MS);
        await scheduler.waitFor(world.carryOut());
        await expectCarriedOut(world);
        world.pass(QUEUE_LIFETIME_MS);
        expectNoDouble(world.calls);
        await expectKept(world);

        // No ask is lost: once everybody is gone, it leads to a call or to the reason against it.
        const sent = world.calls.some(mayHaveSent);
        const last = await scheduler.waitFor(world.queue({}));
        await scheduler.waitFor(world.carryOut());
        expectNoDouble(world.calls);
        if (last instanceof InviteError) expect(last.name).toBe('OutcomeUnknown');
        else if (sent) expect(last?.status).toEqual(expect.stringMatching(/^(sent|queued)$/));
        else expect(await world.read()).toMatchObject({ status: 'sent' });
      }),
      runs(150),
    );
  },
);
