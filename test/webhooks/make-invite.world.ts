import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { ledgerTable } from '../../functions/aws/ledger-table.ts';
import { recordTable } from '../../functions/aws/record-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { createEnqueue } from '../../functions/invites/enqueue.ts';
import { createLedger } from '../../functions/invites/ledger.ts';
import type { LookupResult } from '../../functions/webhooks/lookup.ts';
import {
  createMakeInvite,
  type EventInvites,
  type MadeInvite,
} from '../../functions/webhooks/make-invite.ts';
import { type EventRecord, type RecordStore, recordId } from '../../functions/webhooks/record.ts';
import { OPEN } from '../invites/sending.ts';
import { Death, faultyAccess } from '../support/faults.ts';
import { INVOCATION, inOneInvocation } from '../support/invocation.ts';
import type { Accesses } from './receive.world.ts';

type Ask = NonNullable<EventRecord['invitation']>;
type Later = (act: () => Promise<unknown>) => void;

export const SOURCE = 'acme-hr';
/** Whom a rule without an address asks for. */
export const TO_LOOK_UP: Ask = {
  channel: 'C0PARTNER01',
  lookupId: '4711',
  external_limited: true,
};

/** An ask for a person whom nobody has asked for yet. */
export const directInvitation = (more: Partial<Ask> = {}): Ask => ({
  channel: 'C0PARTNER01',
  email: `${randomUUID()}@partner.example`,
  external_limited: true,
  ...more,
});

/** Takes a record away, as an operator does who erases a person. */
export const erase = ({ client, name }: Table, id: string) =>
  client('DeleteItem', { TableName: name, Key: { pk: { S: `event#${id}` } } }, INVOCATION);

/**
 * The first step of an event's workflow, with its table. Each step is a function of its own, with
 * its own misfortunes; its accesses to records, invites and the HR system are counted together.
 * @param later has something done when nobody waits for it any more.
 */
export const createMakingInvites = (table: Table, later: Later = () => {}) => {
  const records = recordTable(table, 400);
  const ledgerStore = ledgerTable(table);
  const lookup = vi.fn(
    async (_source: string, _id: string, _event: string): Promise<LookupResult> => ({
      email: `${randomUUID()}@partner.example`,
    }),
  );
  let now = Date.parse('2030-01-01T00:00:00Z');
  let policy = OPEN;

  const invoked = (faults: Accesses) => {
    const { access, isDead } = faultyAccess(faults, later);
    const store: RecordStore = {
      read: (...args) => access(() => records.read(...args)),
      settle: (...args) => access(() => records.settle(...args)),
      add: () => Promise.reject(new Error('the workflow adds no record')),
      markStarted: () => Promise.reject(new Error('the workflow starts nothing')),
    };
    const ledger = createLedger(
      {
        read: (...args) => access(() => ledgerStore.read(...args)),
        write: (...args) => access(() => ledgerStore.write(...args)),
        remove: (...args) => access(() => ledgerStore.remove(...args)),
      },
      400,
      () => now,
    );
    const making = createMakeInvite({
      records: store,
      enqueue: createEnqueue({ policy, ledger }),
      lookup: (...asked) => access(() => lookup(...asked)),
      now: () => now,
    });
    return { making, isDead };
  };

  /** @returns what the workflow was told; nothing, if the function died. */
  const step = async <T>(
    faults: Accesses,
    act: (making: EventInvites) => Promise<T>,
  ): Promise<T | InviteError | undefined> => {
    const { making, isDead } = invoked(faults);
    const end = await act(making).catch((error: unknown) => {
      if (error instanceof InviteError || error instanceof Death) return error;
      throw error;
    });
    return end instanceof Death || isDead() ? undefined : end;
  };

  return {
    records: inOneInvocation(records),
    lookup,
    ledger: createLedger(ledgerStore, 400, () => now),
    stored: (id: string) => ledgerStore.read(id, INVOCATION),
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    /** Another deployment: what comes from now on is held against this. */
    enforce: (next: typeof policy) => {
      policy = next;
    },
    /** An event that the door has just received. @returns the id of its record. */
    async receive(ask: Ask): Promise<string> {
      const id = recordId(SOURCE, { id: randomUUID() }, 0);
      const at = new Date(now).toISOString();
      const times = { received_at: at, updated_at: at };
      const event = { id, source: SOURCE, rule: 0, status: 'received', started: true } as const;
      await records.add({ ...event, invitation: ask, ...times }, undefined, INVOCATION);
      return id;
    },
    make: (id: string, faults: Accesses = {}): Promise<MadeInvite | InviteError | undefined> =>
      step(faults, (making) => making.make(id, INVOCATION)),
    giveUp: (id: string, faults: Accesses = {}, error = 'SlackUnavailable') =>
      step(faults, (making) => making.giveUp(id, error, INVOCATION)),
  };
};

export type MakingInvites = ReturnType<typeof createMakingInvites>;
