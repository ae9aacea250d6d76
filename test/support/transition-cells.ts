import { expect } from 'vitest';
import { inviteId, type LedgerStore, type StoredInvite } from '../../functions/invites/invite.ts';
import type { InviteRequest } from '../../functions/invites/request.ts';
import { QUEUE_LIFETIME_MS } from '../../functions/lib/times.ts';
import { INVOCATION } from './invocation.ts';
import { DOOR } from './requests.ts';
import { type Column, type Row, TRANSITIONS } from './transition-table.ts';

export const START = Date.parse('2030-01-01T00:00:00Z');
export const DAY = 86_400_000;
export const LEASE = START + 30_000;

/** Puts an invite with two calls behind it where the table says it should be. */
export const put = async (store: LedgerStore, row: Row, request: InviteRequest): Promise<void> => {
  if (row === 'none') return;
  const id = inviteId(request);
  const created = new Date(row === 'expired' ? START - 14 * DAY : START).toISOString();
  const item: StoredInvite = {
    id,
    revision: 'before',
    ttl: 0,
    ...(row === 'queued' && {
      queue: { generation: 1, since: START, until: START + QUEUE_LIFETIME_MS },
    }),
    ...((row === 'claimed' || row === 'sending') && { claim: { until: LEASE } }),
    invite: {
      id,
      channel: request.channel,
      recipient: request.recipient.value,
      external_limited: request.external_limited,
      status: row === 'claimed' || row === 'expired' ? 'sent' : row,
      source: DOOR,
      attempts: 2,
      created_at: created,
      updated_at: created,
      expires_at: new Date(Date.parse(created) + 14 * DAY).toISOString(),
    },
  };
  expect(await store.write(item, undefined, INVOCATION)).toBe(true);
};

/** Requests to an invite with two calls behind it. */
const FIELDS: Record<Column, Partial<InviteRequest>[]> = {
  again: [{}],
  resend: [{ resend: 2 }, { resend: 2, external_limited: false }],
  'resend ahead': [{ resend: 3 }, { resend: 3, external_limited: false }],
  'repeated resend': [{ resend: 1 }, { resend: 0 }, { resend: 1, external_limited: false }],
  'other terms': [{ external_limited: false }],
};

/** Requests where nothing has been sent yet: there is no resend to repeat. */
const FIRST_FIELDS: typeof FIELDS = {
  ...FIELDS,
  resend: [{ resend: 0 }],
  'resend ahead': [{ resend: 1 }, { resend: 1, external_limited: false }],
  'repeated resend': [],
};

/** The transition table, an ask a cell. */
export const CELLS = Object.entries(TRANSITIONS).flatMap(([row, answers]) =>
  Object.entries(answers).flatMap(([column, answer]) =>
    (row === 'none' ? FIRST_FIELDS : FIELDS)[column as Column].map((fields) => ({
      row: row as Row,
      column,
      fields,
      // What waits goes out on the terms that it was asked with, so a resend on others is refused too.
      answer: row === 'queued' && 'external_limited' in fields ? 'Conflict' : answer,
    })),
  ),
);
