import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { recordTable } from '../../functions/aws/record-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { dueIndex } from '../../functions/aws/table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId } from '../../functions/invites/invite.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import { inviteExecutionName, type QueueKey } from '../../functions/invites/queue.ts';
import { createKeeper } from '../../functions/webhooks/keep-event.ts';
import { createMakeInvite } from '../../functions/webhooks/make-invite.ts';
import { type EventRecord, eventExecutionName } from '../../functions/webhooks/record.ts';
import { createRestart } from '../../functions/webhooks/restart.ts';
import { sendAgain } from '../../infra/operate/redrive-again.ts';
import type { Stack } from '../../infra/operate/stack.ts';
import { patience, runs } from '../support/depth.ts';
import { ACCEPTED, OPEN_GATE, refusedWith } from '../support/fakes.ts';
import { Death } from '../support/faults.ts';
import { inTurn } from '../support/in-turn.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { createWorld, LEASE_MS } from '../support/world.ts';
import { newEvent } from './receive.world.ts';

// One event of one person, and everybody who may be at it at once: its sender, its executions, the
// sweep, an operator who sends again, and somebody who cancels. Each may die at any of its accesses.

const MINUTE_MS = 60_000;

afterEach(() => vi.useRealTimers());

const KINDS = ['deliver', 'carry out', 'carry out', 'sweep', 'redrive', 'cancel', 'stop'] as const;
type Step = { kind: (typeof KINDS)[number]; dies: number | undefined; refuses: boolean };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  dies: fc.option(fc.nat(7), { freq: 3, nil: undefined }),
  refuses: fc.boolean(),
});
/** What goes on at once, and what after it. The event comes first. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 6 });

const createRaces = (stored: Table, scheduled: ReturnType<typeof inTurn>) => {
  const table: Table = { ...stored, client: scheduled(stored.client) as Table['client'] };
  const world = createWorld({ table });
  const { clock } = world;
  const { now } = clock;
  const { recipient, channel } = newRequest();
  const event = newEvent('event_id', { email: recipient.value });
  const match = { rule: 0, channel, email: recipient.value, external_limited: true };
  const id = inviteId({ channel, recipient });
  const executions = new Map<string, 'running' | 'over'>();
  /** What the executions of events have come to. */
  const queuedBy = new Map<string, QueueKey>();
  const records = recordTable(stored, 400);
  let sent = 0;
  let eventId = '';
  let cancelled = false;
  let operatorDied = false;

  /** The table for one who dies at an access. */
  const mortal = (dies: number | undefined): Table => {
    let accesses = 0;
    const client: Table['client'] = async (...args) => {
      if (dies !== undefined && accesses++ >= dies) throw new Death();
      return table.client(...args);
    };
    return { ...table, client };
  };
  const start = async (name: string) => {
    if (!executions.has(name)) executions.set(name, 'running');
    return executions.get(name) === 'running';
  };
  const eventStart = (record: Pick<EventRecord, 'id' | 'received_at'>) =>
    start(eventExecutionName(record));
  const isOver = async (record: Pick<EventRecord, 'id' | 'received_at'>) =>
    executions.get(eventExecutionName(record)) === 'over';
  const workflow = {
    start: (queued: QueueKey) => start(inviteExecutionName(queued)),
    isOver: async (queued: QueueKey) => executions.get(inviteExecutionName(queued)) === 'over',
  };
  const ledgerOn = (own: Table) => createLedger(ledgerTable(own), 400, now);

  const deliver = async ({ dies }: Step) => {
    const keeper = createKeeper({
      records: recordTable(mortal(dies), 400),
      start: eventStart,
      isOver,
      now,
    });
    const kept = await keeper.keep('acme-hr', event, match, INVOCATION);
    eventId = kept.record.id;
    await keeper.tryToStart(kept, INVOCATION);
  };
  /** One function of one of the executions that run; the execution ends where that is final. */
  const carryOut = async ({ dies, refuses }: Step) => {
    const running = [...executions].filter(([, state]) => state === 'running');
    const [name] = running.at(-1) ?? [];
    if (name === undefined) return;
    const own = mortal(dies);
    const invoked = createWorldOn(own);
    const takeTurn = async (queued: QueueKey): Promise<boolean> => {
      const turn = invoked({
        gate: OPEN_GATE,
        async inviteShared() {
          if (refuses) return refusedWith('not_in_channel');
          sent += 1;
          return ACCEPTED;
        },
      });
      const end = await turn.sendQueued
        .send(queued, now(), turn.invocation)
        .catch((error: unknown) => error);
      if (end instanceof Death) throw end;
      return !(end instanceof InviteError) || !end.retryable;
    };
    if (name.startsWith('inv1_')) {
      const at = name.lastIndexOf('-');
      const queued = { id: name.slice(0, at), generation: Number(name.slice(at + 1)) };
      if (await takeTurn(queued)) executions.set(name, 'over');
      return;
    }
    const makes = createMakeInvite({
      records: recordTable(own, 400),
      enqueue: invoked().enqueue,
      readInvite: ledgerOn(own).read,
      lookup: async () => ({ pending: 'no_email' }),
      now,
    });
    const queued = queuedBy.get(name);
    if (queued === undefined) {
      const made = await makes.make(eventId, INVOCATION).catch((error: unknown) => error);
      if (made instanceof Death) throw made;
      if (made instanceof InviteError) {
        if (!made.retryable) executions.set(name, 'over');
      } else if ('queued' in (made as object)) {
        queuedBy.set(name, (made as { queued: QueueKey }).queued);
      } else executions.set(name, 'over');
      return;
    }
    if (!(await takeTurn(queued))) return;
    executions.set(name, 'over');
    await makes.follow(eventId, INVOCATION);
  };
  const createWorldOn = (own: Table) => {
    const { invoke } = createWorld({ table: own });
    return (misfortunes: Parameters<typeof invoke>[0] = {}) => {
      const invoked = invoke({
        ...misfortunes,
        skewMs: now() - Date.parse('2030-01-01T00:00:00Z'),
      });
      return invoked;
    };
  };
  const sweep = async ({ dies }: Step) => {
    const own = mortal(dies);
    await createRestart({
      due: dueIndex(own),
      ledger: ledgerOn(own),
      records: recordTable(own, 400),
      invites: workflow,
      events: { start: eventStart },
      now,
    })(INVOCATION);
  };
  const redrive = async ({ dies }: Step) => {
    vi.setSystemTime(now());
    const invite = await ledgerOn(stored).read(id, INVOCATION);
    const record = eventId === '' ? undefined : await records.read(eventId, INVOCATION);
    const isLost = record?.status === 'failed' && record.invitation && invite?.status !== 'failed';
    const stack = {
      outputs: { WorkflowArn: 'arn:aws:states:::stateMachine:X-invites' },
      aws: {
        stepFunctions: {
          async send({ input }: { input: { name: string } }) {
            if (!(await start(input.name))) throw new Error('ExecutionAlreadyExists');
          },
        },
      },
    } as unknown as Stack;
    const again = await sendAgain(stack, mortal(dies), 400, {
      waiting: invite?.status === 'queued' ? [invite] : [],
      failed: invite?.status === 'failed' ? [invite] : [],
      events: isLost ? [record] : [],
      lost: [],
      block: undefined,
    });
    operatorDied ||= again.some(({ problem }) => problem !== undefined);
  };
  const cancel = async ({ dies }: Step) => {
    const done = await ledgerOn(mortal(dies)).cancel(id, INVOCATION);
    if (done.status === 'cancelled') cancelled = true;
  };
  const stop = async () => {
    for (const [name] of executions) executions.set(name, 'over');
  };
  const ACTS = { deliver, 'carry out': carryOut, sweep, redrive, cancel, stop };

  return {
    act: async (one: Step) => {
      try {
        await ACTS[one.kind](one);
      } catch (error) {
        if (!(error instanceof Death || error instanceof InviteError)) throw error;
      }
    },
    pass: clock.advance,
    sent: () => sent,
    operatorDied: () => operatorDied,
    wasCancelled: () => cancelled,
    isIdle: () => ![...executions.values()].includes('running'),
    /** What everybody reads. */
    async read() {
      const invite = await ledgerOn(stored).read(id, INVOCATION);
      const record = eventId === '' ? undefined : await records.read(eventId, INVOCATION);
      return { invite, record };
    },
  };
};
type Races = ReturnType<typeof createRaces>;

const HEALTHY = { dies: undefined, refuses: false };

/** Whatever was sent was sent once, and no record says more than is true. */
const expectTruth = async (races: Races) => {
  const { invite, record } = await races.read();
  expect(races.sent()).toBeLessThanOrEqual(1);
  if (record?.status === 'sent' || invite?.status === 'sent') expect(races.sent()).toBe(1);
};

test(
  'whoever meets whom, a person is invited once, nobody is lost, and no record reads better than the truth',
  patience(120_000),
  async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), rounds, async (scheduler, plan) => {
        const races = createRaces(await newTable(), inTurn(scheduler));
        const inOrder = (work: Promise<unknown>) => scheduler.waitFor(work);
        await inOrder(races.act({ kind: 'deliver', ...HEALTHY }));
        for (const steps of plan) {
          await inOrder(Promise.all(steps.map(races.act)));
          await expectTruth(races);
          races.pass(11 * MINUTE_MS);
        }
        // Everybody who died is gone; then only the sweep and the executions are left.
        races.pass(LEASE_MS);
        for (let round = 0; round < 4; round += 1) {
          races.pass(11 * MINUTE_MS);
          await inOrder(races.act({ kind: 'sweep', ...HEALTHY }));
          for (let turn = 0; turn < 20 && !races.isIdle(); turn += 1) {
            await inOrder(races.act({ kind: 'carry out', ...HEALTHY }));
            races.pass(LEASE_MS);
          }
        }
        await expectTruth(races);
        expect(races.isIdle()).toBe(true);
        const { invite, record } = await races.read();
        const ended = [invite?.status, record?.status];
        // An operator's command that died, or met somebody at work, may leave an event that reads worse
        // than the truth, never better.
        const hasMet = plan.some(
          (steps) => steps.length > 1 && steps.some(({ kind }) => kind === 'redrive'),
        );
        const isStale = (hasMet || races.operatorDied()) && record?.status === 'failed';
        if (invite?.status === 'sent' && !isStale) expect(ended).toEqual(['sent', 'sent']);
        else if (invite?.status === 'sent') expect(races.sent()).toBe(1);
        else if (invite?.status === 'unknown') expect(ended).toEqual(['unknown', 'failed']);
        else {
          expect(invite?.error ?? record?.error).toBeDefined();
          expect(record?.status).toBe('failed');
        }
        if (invite?.status === 'cancelled') expect(races.wasCancelled()).toBe(true);
      }),
      runs(40),
    );
  },
);
