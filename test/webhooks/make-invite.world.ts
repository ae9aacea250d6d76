import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { recordTable } from '../../functions/aws/record-table.ts';
import type { Table } from '../../functions/aws/table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import type { LookupResult } from '../../functions/webhooks/lookup.ts';
import {
  createMakeInvite,
  type EventInvites,
  type MadeInvite,
} from '../../functions/webhooks/make-invite.ts';
import { type EventRecord, type RecordStore, recordId } from '../../functions/webhooks/record.ts';
import { type Faults, type Later, told } from '../support/faults.ts';
import { INVOCATION, inOneInvocation } from '../support/invocation.ts';
import { createWorld } from '../support/world.ts';

type Invitation = NonNullable<EventRecord['invitation']>;

export const SOURCE = 'acme-hr';
/** Whom a rule without an address asks for. */
export const TO_LOOK_UP: Invitation = {
  channel: 'C0PARTNER01',
  lookupId: '4711',
  external_limited: true,
};

/** An ask for a person whom nobody has asked for yet. */
export const directInvitation = (more: Partial<Invitation> = {}): Invitation => ({
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
 */
export const createMakingInvites = (table: Table, later?: Later) => {
  const records = recordTable(table, 400);
  const { clock, invoke, enforce, ledger, ledgerStore } = createWorld({ table });
  const { now } = clock;
  const lookup = vi.fn(
    async (_source: string, _id: string, _event: string): Promise<LookupResult> => ({
      email: `${randomUUID()}@partner.example`,
    }),
  );

  /** @returns what the workflow was told; nothing, if the function died. */
  const step = async <T>(
    faults: Faults,
    act: (making: EventInvites) => Promise<T>,
  ): Promise<T | InviteError | undefined> => {
    const { access, isDead, enqueue } = invoke({ faults, ...(later && { later }) });
    const store: RecordStore = {
      read: (...args) => access(() => records.read(...args)),
      settle: (...args) => access(() => records.settle(...args)),
      add: () => Promise.reject(new Error('the workflow adds no record')),
      markStarted: () => Promise.reject(new Error('the workflow starts nothing')),
      keepOn: () => Promise.reject(new Error('the workflow renews no record')),
    };
    const making = createMakeInvite({
      records: store,
      enqueue,
      readInvite: ledger.read,
      lookup: (...asked) => access(() => lookup(...asked)),
      now,
    });
    return told(act(making), { isDead });
  };

  return {
    records: inOneInvocation(records),
    lookup,
    ledger,
    stored: (id: string) => ledgerStore.read(id, INVOCATION),
    now,
    pass: clock.advance,
    enforce,
    /** An event that the door has just received. @returns the id of its record. */
    async receive(invitation: Invitation): Promise<string> {
      const id = recordId(SOURCE, { id: randomUUID() }, 0, '4711');
      const at = new Date(now()).toISOString();
      const times = { received_at: at, updated_at: at };
      const event = { id, source: SOURCE, rule: 0, status: 'received', started: true } as const;
      await records.add({ ...event, invitation, ...times }, undefined, INVOCATION);
      return id;
    },
    make: (id: string, faults: Faults = {}): Promise<MadeInvite | InviteError | undefined> =>
      step(faults, (making) => making.make(id, INVOCATION)),
    follow: (id: string, faults: Faults = {}) =>
      step(faults, (making) => making.follow(id, INVOCATION)),
    giveUp: (id: string, faults: Faults = {}, error = 'SlackUnavailable') =>
      step(faults, (making) => making.giveUp(id, error, INVOCATION)),
  };
};

export type MakingInvites = ReturnType<typeof createMakingInvites>;
