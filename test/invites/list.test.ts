import { beforeAll, describe, expect, test } from 'vitest';
import { ledgerTable, listIndex } from '../../functions/aws/ledger-table.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';
import { inviteId, type StoredInvite } from '../../functions/invites/invite.ts';
import { createList, type ListQuery, parseListQuery } from '../../functions/invites/list.ts';
import { INVOCATION } from '../support/invocation.ts';
import { DOOR, newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const DAY = 86_400_000;

/** 260 invites, one a minute up to now, six of them within one millisecond. */
const AGES = [
  ...Array.from({ length: 6 }, () => 30),
  ...Array.from({ length: 254 }, (_, index) => index + 31),
];

let list: (
  query: Record<string, string>,
  reads?: string[],
) => ReturnType<ReturnType<typeof createList>>;
let made: StoredInvite[];

beforeAll(async () => {
  const table = await newTable();
  const store = ledgerTable(table);
  made = AGES.map((minutes, index) => {
    const channel = index % 5 === 0 ? 'C0PRIVATE01' : 'C0PARTNER01';
    const request = newRequest({ channel });
    const at = new Date(NOW - minutes * 60_000).toISOString();
    const id = inviteId(request);
    return {
      id,
      revision: 'r',
      ttl: 0,
      invite: {
        id,
        channel,
        recipient: request.recipient.value,
        external_limited: true,
        status: (['sent', 'failed', 'sending'] as const)[index % 3] ?? 'sent',
        source: index % 2 === 0 ? DOOR : { door: 'hr-webhook', caller: 'okta' },
        reference: `ticket-${index}`,
        attempts: 1,
        created_at: at,
        updated_at: new Date(NOW).toISOString(),
        expires_at: new Date(NOW + (index % 2 === 0 ? DAY : -DAY)).toISOString(),
      },
    };
  });
  await Promise.all(made.map((item) => store.write(item, undefined, INVOCATION)));
  list = (query, reads = ['C0PARTNER01', 'C0PRIVATE01']) =>
    createList(
      listIndex(table, () => NOW),
      { mayRead: async (channel) => reads.includes(channel) },
      () => NOW,
    )(parseListQuery(query), [], INVOCATION);
});

/** All pages. */
const all = async (query: Record<string, string>, reads?: string[]) => {
  const invites = [];
  let pages = 0;
  let cursor: string | null = '';
  while (cursor !== null && pages < 300) {
    const page = await list({ ...query, ...(cursor && { cursor }) }, reads);
    invites.push(...page.invites);
    cursor = page.next_cursor;
    pages += 1;
  }
  return { invites, pages };
};
const idsOf = (invites: readonly { id: string }[]) => invites.map(({ id }) => id).sort();
const madeIds = (isMeant: (item: StoredInvite['invite'] & object, index: number) => boolean) =>
  idsOf(made.filter(({ invite }, index) => invite && isMeant(invite, index)));

describe('a list of invites', () => {
  test('has the newest first, fifty a page, and says where the next one begins', async () => {
    const { invites, next_cursor } = await list({});
    expect(invites).toHaveLength(50);
    const times = invites.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(times[0]).toBe(new Date(NOW - 30 * 60_000).toISOString());
    expect(next_cursor).toEqual(expect.any(String));
  });

  test.each(['1', '4', '5', '7', '100'])(
    'has each invite once, with a limit of %s',
    async (limit) => {
      const query = limit === '1' ? { limit, since: '2029-12-31T23:00:00Z' } : { limit };
      const { invites, pages } = await all(query);
      const wanted = madeIds(({ created_at }) => limit !== '1' || created_at >= '2029-12-31T23:00');
      expect(idsOf(invites)).toEqual(wanted);
      expect(pages).toBe(Math.ceil(wanted.length / Number(limit)));
    },
  );

  test('shows each as it reads by itself, and nothing else of the item', async () => {
    const { invites } = await list({ limit: '1', reference: 'ticket-0' });
    const [invite] = invites;
    expect(invite).toEqual(made[0]?.invite);
  });

  test('has only what the caller may read, in full pages', async () => {
    const first = await list({ limit: '20' }, ['C0PRIVATE01']);
    expect(first.invites).toHaveLength(20);
    const { invites } = await all({ limit: '20' }, ['C0PRIVATE01']);
    expect(idsOf(invites)).toEqual(madeIds(({ channel }) => channel === 'C0PRIVATE01'));
    expect(await list({}, [])).toEqual({ invites: [], next_cursor: null });
  });

  test('has a cursor that names no invite', async () => {
    const { next_cursor } = await list({ limit: '3' });
    const text = Buffer.from(next_cursor ?? '', 'base64url').toString();
    expect(text).toMatch(/^\d+\.\d+$/);
  });

  test.each<[Record<string, string>, Parameters<typeof madeIds>[0]]>([
    [{ channel: 'C0PRIVATE01' }, ({ channel }) => channel === 'C0PRIVATE01'],
    [{ reference: 'ticket-17' }, ({ reference }) => reference === 'ticket-17'],
    [{ source: 'okta' }, ({ source }) => source.caller === 'okta'],
    [{ source: 'invite-api' }, ({ source }) => source.door === 'invite-api'],
    [{ source: DOOR.caller }, ({ source }) => source.caller === DOOR.caller],
    [{ since: '2029-12-31T22:00:00Z' }, ({ created_at }) => created_at >= '2029-12-31T22:00'],
    [{ since: '2029-12-31T23:00:00+01:00' }, ({ created_at }) => created_at >= '2029-12-31T22:00'],
    [{ status: 'failed' }, (_, index) => index % 3 === 1],
    [{ status: 'sent' }, (_, index) => index % 3 === 0 && index % 2 === 0],
    [{ status: 'expired' }, (_, index) => index % 3 !== 1 && index % 2 === 1],
    // A call that nobody is at work on any more.
    [{ status: 'unknown' }, (_, index) => index % 3 === 2 && index % 2 === 0],
    [
      { status: 'sent, failed' },
      (_, index) => index % 3 === 1 || (index % 3 === 0 && index % 2 === 0),
    ],
    [{ status: 'queued' }, () => false],
    [
      { status: 'failed', channel: 'C0PARTNER01', source: 'okta', limit: '2' },
      ({ channel }, index) => index % 3 === 1 && channel === 'C0PARTNER01' && index % 2 === 1,
    ],
  ])('by %j', async (query, isMeant) => {
    expect(idsOf((await all(query)).invites)).toEqual(madeIds(isMeant));
  });
});

describe('the parameters of a list', () => {
  const wrong = (query: Record<string, string>) => {
    try {
      parseListQuery(query);
    } catch (error) {
      return (error as InviteError).facts.errors;
    }
    return [];
  };

  test.each([
    ['status', 'delivered'],
    ['status', 'toString'],
    ['status', 'sent,'],
    ['channel', '#partners'],
    ['channel', 'C0PARTNER01,C0PRIVATE01'],
    ['reference', 'a b'],
    ['source', 'ä'],
    ['since', 'yesterday'],
    ['since', '2026-13-01'],
    ['since', '2026-02-30'],
    ['since', '2026-11-23T12:00'],
    ['since', '1700000000'],
    ['cursor', 'x'],
    ['cursor', Buffer.from('1.1.1').toString('base64url')],
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '1.5'],
    ['limit', '-1'],
    ['limit', '1e2'],
    ['state', 'sent'],
    ['page', '2'],
  ])('%s=%s is told by its name, with the remedy', (name, value) => {
    const errors = wrong({ [name]: value, channel: name === 'channel' ? value : 'C0PARTNER01' });
    expect(errors).toMatchObject([{ field: name }]);
    expect(errors?.[0]?.detail).not.toBe('');
    expect(JSON.stringify(errors)).not.toContain(value.length > 20 ? value : `"${value}"`);
  });

  test('a cursor of any length is refused', () => {
    expect(wrong({ cursor: 'MS4x'.repeat(5000) })).toMatchObject([{ field: 'cursor' }]);
  });

  test('are all told at once, with what was probably meant', () => {
    expect(wrong({ stauts: 'sent', status: 'snet', limit: 'all' })).toMatchObject([
      { field: 'stauts', detail: 'is unknown (did you mean status?)' },
      { field: 'status', detail: expect.stringContaining('did you mean sent?') },
      { field: 'limit' },
    ]);
  });

  test('are as if left out where they are empty', () => {
    const none: ListQuery = { filter: {}, limit: 50 };
    expect(parseListQuery({ status: '', limit: '', cursor: '' })).toEqual(none);
    expect(parseListQuery(undefined)).toEqual(none);
  });
});
