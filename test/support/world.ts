import { vi } from 'vitest';
import { grantTable, ledgerTable } from '../../functions/aws/ledger-table.ts';
import { pointerTable, renamedTable } from '../../functions/aws/lifecycle-table.ts';
import { gateTable, noteTicket } from '../../functions/aws/pace-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { type BlockStore, createBlock } from '../../functions/invites/block.ts';
import { createChannelIds } from '../../functions/invites/channel-ids.ts';
import {
  createEnqueue,
  createInviteQueue,
  type Workflow,
} from '../../functions/invites/enqueue.ts';
import { createGate, type Gate, type GateStore, type Pace } from '../../functions/invites/gate.ts';
import { type Invite, inviteId, type LedgerStore } from '../../functions/invites/invite.ts';
import { createLedger, type Ledger } from '../../functions/invites/ledger.ts';
import { createAdmission, type Policy } from '../../functions/invites/policy.ts';
import type { QueueKey } from '../../functions/invites/queue.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { createSendInvite } from '../../functions/invites/send.ts';
import { createSendQueued } from '../../functions/invites/send-queued.ts';
import { type Credentials, createCredentials } from '../../functions/invites/slack-call.ts';
import type { Tell } from '../../functions/invites/telling.ts';
import type { Connection } from '../../functions/lib/exchange.ts';
import type { SlackClient } from '../../functions/slack/client.ts';
import { createTokenSource } from '../../functions/slack/token.ts';
import { memoryBlock } from './block-store.ts';
import { ACCEPTED, createExecutions, OPEN, observer } from './fakes.ts';
import { type Faults, faultyAccess, type Later } from './faults.ts';
import { INVOCATION, invocation } from './invocation.ts';
import { CALLER } from './requests.ts';
import { newTable } from './tables.ts';
import { createVirtualClock } from './virtual-clock.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
/** What the domain of a function has; its lease lasts a little longer than the function itself. */
const TIME_MS = 18_000;
export const LEASE_MS = TIME_MS + 7000;

type Setting = {
  /** The stack's table; left out: a new one. */
  table?: Table;
  /** What is not the table's own. */
  ledgerStore?: LedgerStore;
  gateStore?: GateStore;
  policy?: Policy;
  workspace?: string;
  pace?: Pace;
  /** Whether the deployment follows what becomes of an invitation. */
  lifecycle?: boolean;
  /** Whom it tells. */
  tell?: Tell;
};

/** The connections to Slack that are opened ahead of a call, which closes its own. */
const createConnections = () => {
  const open = new Set<Connection>();
  return {
    count: () => open.size,
    open: vi.fn((): Connection => {
      const connection = { close: () => open.delete(connection) } as unknown as Connection;
      open.add(connection);
      return connection;
    }),
    closedBy:
      (call: SlackClient['inviteShared']): SlackClient['inviteShared'] =>
      async (...args) => {
        try {
          return await call(...args);
        } finally {
          args[3]?.close();
        }
      },
  };
};

type Act = <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) => typeof act;

/** What befalls one function, invoked once, and what is different for it. */
export type Misfortunes = {
  faults?: Faults;
  /** Has something done when nobody waits for it any more. */
  later?: Later;
  /** Has somebody else decide when an access is done. */
  scheduled?: Act;
  gate?: Gate;
  credentials?: Credentials;
  /** How far its clock is ahead, in milliseconds. */
  skewMs?: number;
  /** The block as it sees it, which its faults befall, too. @property random from 0 to 1 */
  blockSeen?: { store: BlockStore; random: () => number };
  inviteShared?: SlackClient['inviteShared'];
  start?: Workflow['start'];
  /** The next place in the lane; left out: now. */
  nextPlace?: () => Promise<number>;
  /** Is told of what the ledger does for this function. */
  watched?: (ledger: Ledger) => Ledger;
};

/**
 * The domain with everything around it, in virtual time: the stack's table, Slack, the secret and
 * Step Functions, which all functions share. Slack and the secret answer as the test says.
 */
export const newWorld = async ({ table, ...setting }: Setting = {}) =>
  createWorld({ ...setting, table: table ?? (await newTable()) });

export type World = Awaited<ReturnType<typeof newWorld>>;

/** The same with a table that is there already. */
export const createWorld = ({
  table,
  ledgerStore = ledgerTable(table),
  gateStore = gateTable(table),
  workspace,
  pace = { ratePerMinute: 20, burst: 5 },
  ...setting
}: Setting & { table: Table }) => {
  const clock = createVirtualClock(START);
  const { now, sleep } = clock;
  const inviteShared = vi.fn<SlackClient['inviteShared']>(async () => ACCEPTED);
  const connections = createConnections();
  const workspaceOf = vi.fn<SlackClient['workspaceOf']>(async () => ({ teamId: 'T0ACMECORP1' }));
  const readSecret = vi.fn(async () => 'xoxb-good');
  const executions = createExecutions();
  const start = vi.fn<Workflow['start']>(executions.start);
  const gate = createGate(gateStore, pace, clock);
  const blockStore = memoryBlock();
  const block = createBlock(blockStore, now, () => 0);
  const credentials = createCredentials(
    createTokenSource(readSecret, now),
    { workspaceOf },
    workspace,
  );
  const observe = observer();
  let policy = setting.policy ?? OPEN;

  const lasting = (timeMs = TIME_MS, skewMs = 0) =>
    invocation({
      deadline: now() + skewMs + timeMs,
      leaseUntil: now() + skewMs + timeMs + LEASE_MS - TIME_MS,
      observe,
    });

  /** One function, as it is put together; its accesses to the table are counted for its faults. */
  const invoke = ({
    faults = {},
    later,
    scheduled = (act) => act,
    watched = (ledger) => ledger,
    skewMs = 0,
    ...own
  }: Misfortunes = {}) => {
    const ownNow = () => now() + skewMs;
    const { access, isDead } = faultyAccess(faults, later);
    const faulty: Act = (act) => scheduled((...args) => access(() => act(...args)));
    const ledger = createLedger(
      {
        read: faulty(ledgerStore.read),
        write: faulty(ledgerStore.write),
        remove: faulty(ledgerStore.remove),
        ...(ledgerStore.told && { told: faulty(ledgerStore.told) }),
      },
      400,
      ownNow,
      setting.tell && faulty(setting.tell),
    );
    const ownBlock = ({ store, random }: NonNullable<Misfortunes['blockSeen']>) =>
      createBlock(
        {
          read: faulty(store.read),
          put: faulty(store.put),
          probe: faulty(store.probe),
          remove: faulty(store.remove),
        },
        ownNow,
        random,
      );
    // Each function knows no more of channels' ids than it has learned itself.
    const renamed = setting.lifecycle ? renamedTable(table) : undefined;
    const ids = renamed && createChannelIds(renamed, ledger.read);
    const following = renamed && createGate(gateTable(table, renamed.told), pace, clock);
    const ports = {
      admission: createAdmission(policy, grantTable(table), now, ids),
      ledger: watched(ledger),
      gate: own.gate ?? following ?? gate,
      ids,
      point: setting.lifecycle ? pointerTable(table, 400, now) : undefined,
      credentials: own.credentials ?? credentials,
      slack: {
        connect: connections.open,
        inviteShared: scheduled(connections.closedBy(own.inviteShared ?? inviteShared)),
      },
      workflow: { start: scheduled(own.start ?? start), isOver: executions.isOver },
      block: own.blockSeen ? ownBlock(own.blockSeen) : block,
      nextPlace: own.nextPlace ?? (async () => now()),
      expectTurn: (queued: QueueKey, at: number) => noteTicket(table, queued, at, INVOCATION),
      now: ownNow,
      sleep,
    };
    return {
      ports,
      access,
      isDead,
      invocation: lasting(TIME_MS, skewMs),
      send: createSendInvite(ports),
      enqueue: createEnqueue(ports),
      inviteQueue: createInviteQueue(ports),
      sendQueued: createSendQueued(ports),
    };
  };

  /** Runs a function that sleeps, and lets time pass for it. */
  const run = async <T>(work: () => Promise<T>): Promise<T> => (await clock.run([work]))[0] as T;

  return {
    table,
    connections,
    ledgerStore,
    gateStore,
    clock,
    inviteShared,
    workspaceOf,
    readSecret,
    observe,
    gate,
    executions,
    block: blockStore,
    start,
    invoke,
    /** The ledger as nothing befalls it. */
    ledger: createLedger(ledgerStore, 400, now),
    /** Another deployment: what comes from now on is held against this. */
    enforce: (next: Policy) => {
      policy = next;
    },
    /** Waits for the outcome, like a function with so many milliseconds for its domain. */
    send: (request: InviteRequest, timeMs?: number) =>
      run(() => invoke().send(request, CALLER, lasting(timeMs))),
    /** Does not wait for the outcome. */
    queue: (request: InviteRequest) => invoke().inviteQueue.queue(request, CALLER, INVOCATION),
    /** Puts a request into the queue. @returns the reference that an execution gets. */
    async enqueue(request: InviteRequest): Promise<QueueKey> {
      const { queued } = await invoke().inviteQueue.enqueue(request, CALLER, INVOCATION);
      if (!queued) throw new Error('the request does not wait');
      return queued;
    },
    /** @param notBefore the time of its ticket; left out: it has just come. */
    turn: (queued: QueueKey, notBefore = now()) =>
      run(() => invoke().sendQueued.send(queued, notBefore, lasting())),
    giveUp: (queued: QueueKey, error: string) =>
      invoke().sendQueued.giveUp(queued, error, lasting()),
    read: (request: InviteRequest): Promise<Invite | undefined> =>
      createLedger(ledgerStore, 400, now).read(inviteId(request), INVOCATION),
    stored: (request: InviteRequest) => ledgerStore.read(inviteId(request), INVOCATION),
  };
};
