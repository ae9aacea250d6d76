import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import type { WebhookEvent } from '../../functions/webhooks/events.ts';
import type { RecordStore } from '../../functions/webhooks/record.ts';
import { patience, runs } from '../support/depth.ts';
import { FAULTS, type Faults } from '../support/faults.ts';
import { inTurn } from '../support/in-turn.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';
import { createReceiving, DAY_MS, idOf, newEvent, type Receiving } from './receive.world.ts';

/** For a busy machine: the property takes a few seconds on an idle one. */
const SLOW = patience(120_000);

let records: RecordStore;
beforeAll(async () => {
  records = recordTable(await newTable(), 400);
});

type Action = { kind: 'deliver'; event: number; faults: Faults } | { kind: 'wait'; ms: number };

const faults: fc.Arbitrary<Faults> = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.nat(5).map(String), fc.constantFrom(...FAULTS), { maxKeys: 2 }),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('deliver'), event: fc.nat(1), faults }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait'),
      ms: fc.constantFrom(1, 60_000, DAY_MS, 15 * DAY_MS),
    }),
  },
);
const rounds = fc.array(fc.array(action, { minLength: 1, maxLength: 4, size: 'max' }), {
  minLength: 1,
  maxLength: 4,
  size: 'max',
});

/** When the executions of an event were started for the first time, by their names. */
const startsOf = ({ executions }: Receiving, event: WebhookEvent): number[] =>
  executions
    .names()
    .filter((name) => name.startsWith(`${idOf(event)}-`))
    .map((name) => Number(name.slice(idOf(event).length + 1)))
    .sort((one, other) => one - other);

/** No event is started twice. */
const expectNoDouble = (world: Receiving, event: WebhookEvent): void => {
  expect(startsOf(world, event).length).toBeLessThanOrEqual(1);
};

/** Whoever was told that all is well has a record that answers for it: the sweep starts what is not. */
const expectRecorded = async (event: WebhookEvent): Promise<void> => {
  expect(await records.read(idOf(event), INVOCATION)).toBeDefined();
};

const expectStarted = (world: Receiving, event: WebhookEvent): void => {
  expect(startsOf(world, event)).not.toEqual([]);
};

test(
  'no interleaving of deliveries, deaths and waits starts an event twice, or forgets one that was answered',
  SLOW,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), rounds, async (scheduler, plan) => {
        const scheduled = inTurn(scheduler);
        const late: Promise<unknown>[] = [];
        const world = createReceiving(
          records,
          (act) => {
            late.push(scheduled(act)());
          },
          scheduled,
        );
        const events = [newEvent('event_id'), newEvent('content')] as const;

        const act = async (step: Action): Promise<void> => {
          if (step.kind === 'wait') return world.pass(step.ms);
          const event = step.event === 0 ? events[0] : events[1];
          const end = await world.deliver(event, step.faults);
          if (end && !(end instanceof InviteError)) await expectRecorded(event);
        };
        for (const steps of plan) {
          // Each begins when the scheduler says, and sees what there is then.
          const begun = steps.map(async (step) => {
            await scheduled(async () => undefined)();
            await act(step);
          });
          await scheduler.waitFor(Promise.all(begun));
        }
        await scheduler.waitFor(Promise.all(late));
        for (const event of events) expectNoDouble(world, event);

        // Once everybody is gone, the next delivery goes on where the others stopped.
        for (const event of events) {
          const last = await scheduler.waitFor(world.deliver(event));
          expect(last).not.toBeInstanceOf(InviteError);
          expectStarted(world, event);
          expectNoDouble(world, event);
          expect(await records.read(idOf(event), INVOCATION)).toMatchObject({ started: true });
        }
      }),
      runs(200),
    );
  },
);
