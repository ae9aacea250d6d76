import { describe, expect, test } from 'vitest';
import { UnreadableDelivery } from '../../functions/webhooks/delivery.ts';
import { readPayloads } from '../../functions/webhooks/events.ts';
import { type HrSource, installedProvider } from '../../functions/webhooks/source.ts';
import { readEvents } from '../support/read-events.ts';
import { post } from '../support/verify-deliveries.ts';

type Description = Omit<HrSource, 'provider' | 'rules' | 'lookup'>;

const generic = (description: Description = {}) =>
  installedProvider({ provider: 'generic', auth: { basic: true }, ...description });

const read = (provider: Parameters<typeof readEvents>[0], body: unknown, headers = {}) =>
  readEvents(provider, post(headers, JSON.stringify(body)));

const payloadsOf = async (...given: Parameters<typeof read>) =>
  (await read(...given)).map(({ payload }) => payload);

const two = [{ Email: 'a@partner.example' }, { Email: 'b@partner.example' }];

describe('the events of a source of one’s own', () => {
  test.each([
    ['Report_Entry', { Report_Entry: two, n: 1 }, two.map((one) => ({ Report_Entry: one, n: 1 }))],
    ['a.b', { a: { b: two, c: 1 } }, two.map((one) => ({ a: { b: one, c: 1 } }))],
    [
      '`wd:Data`.`wd:Entry`',
      { 'wd:Data': { 'wd:Entry': two } },
      two.map((one) => ({ 'wd:Data': { 'wd:Entry': one } })),
    ],
    [
      'wd:Data.wd:Entry',
      { 'wd:Data': { 'wd:Entry': two } },
      two.map((one) => ({ 'wd:Data': { 'wd:Entry': one } })),
    ],
    [
      'ids',
      { event: 'hired', ids: ['1', '2'] },
      [
        { event: 'hired', ids: '1' },
        { event: 'hired', ids: '2' },
      ],
    ],
    ['people', { people: [two[0]] }, [{ people: two[0] }]],
    ['people', { people: two[0] }, [{ people: two[0] }]],
    ['people', { other: 1 }, [{ other: 1 }]],
    ['people', { people: [] }, []],
    [
      'value.data.people',
      { value: [{ data: { people: [1, 2] }, n: 1 }, { data: { people: [] }, n: 2 }, { n: 3 }] },
      [
        { value: { data: { people: 1 }, n: 1 } },
        { value: { data: { people: 2 }, n: 1 } },
        { value: { n: 3 } },
      ],
    ],
    [
      'people',
      [{ people: two }, { people: [{ Email: 'c' }] }],
      [...two.map((one) => ({ people: one })), { people: { Email: 'c' } }],
    ],
  ])('at the path %s are the delivery with one item each', async (events, body, expected) => {
    expect(await payloadsOf(generic({ events }), body)).toEqual(expected);
  });

  test.each([
    [
      'Report_Entry[Status = "Hired"]',
      {
        Report_Entry: [
          { Status: 'Hired', n: 1 },
          { Status: 'Left', n: 2 },
        ],
      },
      [{ Status: 'Hired', n: 1 }],
    ],
    [
      '[new, changed]',
      { new: [{ n: 1 }], changed: [{ n: 2 }, { n: 3 }] },
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    ],
    [
      'people.{"id": id, "company": $$.company}',
      { company: 'acme', people: [{ id: '1' }, { id: '2' }] },
      [
        { id: '1', company: 'acme' },
        { id: '2', company: 'acme' },
      ],
    ],
    [
      '$spread(people)',
      { people: { a: { n: 1 }, b: { n: 2 } } },
      [{ a: { n: 1 } }, { b: { n: 2 } }],
    ],
    ['missing[n = 1]', { n: 1 }, []],
    ['people[true]', { people: [null, { n: 1 }, '  '] }, [{ n: 1 }]],
  ])('are what the expression %s gives', async (events, body, expected) => {
    const found = await read(generic({ events }), body);
    expect(found.map(({ payload }) => payload)).toEqual(expected);
    for (const event of found) expect(event.body).toEqual(body);
  });

  test('cannot be read where their expression fails', async () => {
    const reading = read(generic({ events: '$map(n, $error)' }), { n: 1 });
    await expect(reading).rejects.toThrow(UnreadableDelivery);
    await expect(reading).rejects.toMatchObject({ code: 'events_failed', status: 400 });
  });

  test('may be more than any other expression gives', async () => {
    const people = Array.from({ length: 12_000 }, (_, n) => ({ n }));
    expect(await read(generic({ events: 'people[n >= 0]' }), { people })).toHaveLength(12_000);
  });

  test('are to be sent again where their expression takes too long', async () => {
    const list = () => ({ failed: 'time_limit' }) as const;
    const provider = generic({ events: 'people[n = 1]' });
    expect(() => readPayloads(provider, {}, {}, list)).toThrow(
      expect.objectContaining({ name: 'Unavailable', status: 503 }),
    );
  });

  test('share the whole body', async () => {
    const body = { people: two, company: 'acme' };
    const found = await read(generic({ events: 'people' }), body);
    expect(found.map((event) => event.body)).toEqual([body, body]);
  });

  test('are told apart by what is in them, and are known again', async () => {
    const ids = async () =>
      (await read(generic({ events: 'people' }), { people: two })).map(({ id }) => id);
    expect(new Set(await ids()).size).toBe(2);
    expect(await ids()).toEqual(await ids());
  });

  test('have no prototype, so that no field of one reaches another', async () => {
    const [event] = await payloadsOf(generic({ events: 'people' }), { people: two });
    expect(Object.getPrototypeOf(event)).toBeNull();
  });
});

describe('what a source of one’s own says of its events', () => {
  test('is which id they have', async () => {
    const ids = async (eventId: Description['eventId'], headers = {}) =>
      (await read(generic({ eventId: eventId as string }), { meta: { uid: 'u-1' } }, headers)).map(
        ({ id }) => id,
      );
    expect((await ids('meta.uid'))[0]).toMatch(/^event:u-1:/);
    expect((await ids({ header: 'x-id' }, { 'x-id': 'h-1' }))[0]).toMatch(/^event:h-1:/);
    expect((await ids('missing'))[0]).toMatch(/^content:/);
  });

  test('is when they happened', async () => {
    const identities = async (time: string) =>
      (await read(generic({ time }), { meta: { at: '2026-01-31' } })).map(
        ({ identity }) => identity,
      );
    expect(await identities('meta.at')).toEqual(['content_and_time']);
    expect(await identities('meta.when')).toEqual(['content']);
  });

  test.each([
    [{ path: 'test', equals: true }, { test: true }, { test: false }],
    [{ path: 'meta.mode', equals: 'test' }, { meta: { mode: 'test' } }, { meta: { mode: 'live' } }],
    [{ path: 'n', equals: 1 }, { n: 1 }, { n: 2 }],
  ])('is which of them are tests: %j', async (ignore, marked, unmarked) => {
    const source = generic({ ignore });
    expect(await payloadsOf(source, marked)).toEqual([]);
    expect(await payloadsOf(source, unmarked)).toEqual([unmarked]);
    expect(await payloadsOf(source, {})).toEqual([{}]);
    // One of several.
    expect(await payloadsOf(source, [marked, unmarked])).toEqual([unmarked]);
  });

  test('is a test in a form, too, where there are texts only', async () => {
    const source = generic({ ignore: { path: 'test', equals: true } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await readEvents(source, post(form, 'test=true&email=a'))).toEqual([]);
  });
});

describe('people of one event', () => {
  const of = (provider: HrSource['provider']) => installedProvider({ provider });

  test('of Deel are an event each', async () => {
    const meta = { event_type: 'contract.created', event_id: 'e-1' };
    const resource = [
      { id: 'r1', email: 'a' },
      { id: 'r2', email: 'b' },
    ];
    const events = await read(of('deel'), { data: { meta, resource } });
    expect(events.map(({ payload }) => payload)).toEqual(
      resource.map((one) => ({ data: { meta, resource: one } })),
    );
    expect(events.map(({ subject }) => subject)).toEqual(['r1', 'r2']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  test('of Okta are an event each, with the targets of other kinds in all of them', async () => {
    const [group, one, other, app] = [
      { type: 'UserGroup', displayName: 'Contractors' },
      { type: 'User', id: '00u1', alternateId: 'a@partner.example' },
      { type: 'User', id: '00u2', alternateId: 'b@partner.example' },
      { type: 'AppUser', id: '0ua1' },
    ];
    const event = { uuid: 'u-1', eventType: 'group.user_membership.add' };
    const target = [group, one, other, app];
    const events = await read(of('okta'), { data: { events: [{ ...event, target }] } });
    expect(events.map(({ payload }) => payload)).toEqual([
      { ...event, target: [group, one, app] },
      { ...event, target: [group, other, app] },
    ]);
    expect(events.map(({ subject }) => subject)).toEqual(['00u1', '00u2']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  test.each([[[{ type: 'User', id: '1' }, { type: 'AppUser' }]], [[]], [null]])(
    'of Okta are none where there is one at most: %j',
    async (target) => {
      const event = { uuid: 'u-1', target };
      expect(await payloadsOf(of('okta'), { data: { events: [event] } })).toEqual([event]);
    },
  );
});

test('HiBob names the person in either version', async () => {
  const hibob = installedProvider({ provider: 'hibob' });
  const v1 = { type: 'employee.created', employee: { id: '33', email: 'casey@partner.example' } };
  expect(await read(hibob, v1)).toMatchObject([{ subject: '33', type: 'employee.created' }]);
  const v2 = { type: 'employee.created', version: 'v2', data: { employeeId: '34' } };
  expect(await read(hibob, v2)).toMatchObject([{ subject: '34' }]);
});

test('rules see the headers, but not the one that is the secret', async () => {
  const headers = { authorization: 'Bearer s', 'x-token': 't', 'x-event-name': 'hired' };
  const seen = async (auth: Description['auth']) =>
    (await read(generic({ auth: auth as { basic: true } }), {}, headers))[0]?.headers;
  expect(await seen({ header: { name: 'x-token' } })).toEqual({
    authorization: 'Bearer s',
    'x-event-name': 'hired',
  });
  expect(await seen({ basic: true })).toEqual({ 'x-token': 't', 'x-event-name': 'hired' });
});
