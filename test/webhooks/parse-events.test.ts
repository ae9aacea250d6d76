import { describe, expect, test } from 'vitest';
import { UnreadableDelivery } from '../../functions/webhooks/delivery.ts';
import type { HmacAuth } from '../../functions/webhooks/provider.ts';
import type { ProviderName } from '../../functions/webhooks/providers.ts';
import { type InstalledProvider, installedProvider } from '../../functions/webhooks/source.ts';
import { readEvents } from '../support/read-events.ts';
import { post } from '../support/verify-deliveries.ts';

const read = (provider: InstalledProvider, body: unknown, headers = {}) =>
  readEvents(provider, post(headers, typeof body === 'string' ? body : JSON.stringify(body)));

const payloadsOf = async (provider: InstalledProvider, body: unknown, headers = {}) =>
  (await read(provider, body, headers)).map(({ payload }) => payload);

const idsOf = async (provider: InstalledProvider, body: unknown, headers = {}) =>
  (await read(provider, body, headers)).map(({ id }) => id);

const codeOf = async (provider: InstalledProvider, body: Buffer, headers = {}): Promise<string> => {
  try {
    await readEvents(provider, post(headers, body));
  } catch (error) {
    if (error instanceof UnreadableDelivery) return error.code;
    throw error;
  }
  return 'read';
};

const of = (provider: ProviderName) => installedProvider({ provider });
const [bamboohr, deel, greenhouse, hibob] = [
  of('bamboohr'),
  of('deel'),
  of('greenhouse'),
  of('hibob'),
];
const [okta, remote, ashby] = [of('okta'), of('remote'), of('ashby')];
const generic = installedProvider({ provider: 'generic', auth: { basic: true } });
/** A source whose operator describes an HMAC. */
const described = (hmac: Pick<HmacAuth, 'signed' | 'timestamp'>) =>
  installedProvider({
    provider: 'generic',
    auth: { hmac: { hash: 'sha256', header: 'x-s', encoding: 'hex', key: 'utf8', ...hmac } },
  });
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

describe('the body', () => {
  test.each([
    ['that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'invalid_utf8'],
    ['with half a character at its end', Buffer.from([0xc3]), 'invalid_utf8'],
    ['that is empty', Buffer.alloc(0), 'invalid_json'],
    ['that is no JSON', Buffer.from('a=1'), 'invalid_json'],
    ['that is a text', Buffer.from('"x"'), 'not_an_object'],
    ['that is null', Buffer.from('null'), 'not_an_object'],
    ['that is a number', Buffer.from('17'), 'not_an_object'],
    ['that nests too deep', Buffer.from(`${'['.repeat(65)}${']'.repeat(65)}`), 'too_deep'],
  ])('%s is refused', async (_name, body, code) => {
    expect(await codeOf(okta, body)).toBe(code);
  });

  test('may have a byte order mark', async () => {
    expect(await codeOf(okta, Buffer.from('\ufeff{}'))).toBe('read');
  });

  test('is JSON whatever its content type says, where a provider sends JSON', async () => {
    expect(await payloadsOf(okta, { a: 1 }, FORM)).toEqual([{ a: 1 }]);
  });
});

describe('a form', () => {
  const payloadOf = async (body: string) => (await payloadsOf(generic, body, FORM))[0];

  test('is read by its fields', async () => {
    expect(await payloadOf('event_name=employee.hired&email=a%2Bb%40c.example&x=')).toEqual({
      event_name: 'employee.hired',
      email: 'a+b@c.example',
      x: '',
    });
  });

  test('gives a field that comes several times as a list', async () => {
    expect(await payloadOf('id=1&id=2&id=3')).toEqual({ id: ['1', '2', '3'] });
  });

  test('has no prototype, and sets none', async () => {
    const payload = (await payloadOf('__proto__=x&constructor=y')) as object;
    expect(Object.getPrototypeOf(payload)).toBeNull();
    expect(Object.entries(payload)).toEqual([['constructor', 'y']]);
  });

  test.each(['{"event":"joined"}', ' \n{"event":"joined"}'])(
    'is not what is JSON, though its content type says so: %j',
    async (body) => {
      expect(await payloadOf(body)).toEqual({ event: 'joined' });
    },
  );

  test('that begins as JSON and is none is refused', async () => {
    expect(await codeOf(generic, Buffer.from('{event=joined'), FORM)).toBe('invalid_json');
  });

  test('is not what another content type has', async () => {
    expect(await codeOf(generic, Buffer.from('a=1'), { 'content-type': 'text/plain' })).toBe(
      'invalid_json',
    );
  });
});

describe('several events in one delivery', () => {
  const employees = (count: number) => ({
    employees: Array.from({ length: count }, (_, id) => ({ id })),
  });

  test('are one event each, with the whole body beside it', async () => {
    const body = { employees: [{ id: '5' }, { id: '6' }], sent: 'now' };
    const events = await read(bamboohr, body);
    expect(events.map(({ payload }) => payload)).toEqual(body.employees);
    expect(events.map((event) => event.body)).toEqual([body, body]);
  });

  test('may be none', async () => {
    expect(await read(bamboohr, { employees: [] })).toEqual([]);
  });

  test('may be a thousand', async () => {
    expect(await read(bamboohr, employees(1000))).toHaveLength(1000);
  });

  test('may be many more, which are taken for as long as there is time', async () => {
    expect(await read(bamboohr, employees(5000))).toHaveLength(5000);
  });

  test('may be the body, if it is a list, each with its own id', async () => {
    const one = { event: 'joined', event_id: 'e-1' };
    const two = { event: 'joined', event_id: 'e-2' };
    const events = await read(generic, [one, two]);
    expect(events.map(({ payload }) => payload)).toEqual([one, two]);
    expect(events.map(({ id }) => id)).toEqual([
      ...(await idsOf(generic, one)),
      ...(await idsOf(generic, two)),
    ]);
    expect(await read(generic, [])).toEqual([]);
  });

  test.each([
    ['bamboohr', bamboohr, [{ id: '5' }, { id: '6' }]],
    ['okta', okta, [{ uuid: 'a' }, { uuid: 'b' }]],
  ])(
    'may be the body of a provider that has another place for them: %s',
    async (_, provider, body) => {
      expect(await payloadsOf(provider, body)).toEqual(body);
    },
  );

  test('are told apart where one header names them all, and are known again', async () => {
    const joined = (email: string) => ({ type: 'person.joined', data: { email } });
    const headers = { 'webhook-id': 'msg_1' };
    const ids = (body: object) => idsOf(of('standard-webhooks'), body, headers);
    const two = [joined('a@partner.example'), joined('b@partner.example')];
    expect(new Set(await ids(two)).size).toBe(2);
    expect(await ids(two)).toEqual(await ids(two));
    expect(await ids([two[0]])).toEqual(await ids(two[0] as object));
  });

  test('are the body itself where there is no list of them', async () => {
    expect(await payloadsOf(okta, { data: { events: 'none' } })).toEqual([
      { data: { events: 'none' } },
    ]);
  });
});

describe.each<[string, InstalledProvider, object]>([
  ['a simulation of Deel', deel, { data: { meta: { is_simulation: true } } }],
  ['a ping of Greenhouse', greenhouse, { action: 'ping', payload: {} }],
  ['a ping of Ashby', ashby, { action: 'ping', webhookActionId: 'x' }],
  ['a signed ping of HiBob', hibob, { text: 'Ping test' }],
])('%s', (_name, provider, body) => {
  test('is no event', async () => {
    expect(await read(provider, body)).toEqual([]);
  });
});

test('an event that says it is no simulation is one', async () => {
  expect(await read(deel, { data: { meta: { is_simulation: false } } })).toHaveLength(1);
});

type Change = { type?: string; id?: string };

describe('the id of an event', () => {
  test.each([
    ['in its middle', { data: { meta: { occurred_at: '2026-01-31T18:42:00.070Z' } } }],
    ['around it', { data: {}, timestamp: '2026-01-31T18:42:02.119Z' }],
  ])('is dated where Deel writes the time %s and no id', async (_name, body) => {
    expect(await read(deel, body)).toMatchObject([{ identity: 'content_and_time' }]);
  });

  const [ROUTINE] = [{ event_type: 'employment.onboarding.completed', employment_id: '1' }];
  const at = (timestamp: string) => ({ 'x-remote-timestamp': timestamp });

  test('is the same for a redelivery', async () => {
    expect(await idsOf(remote, ROUTINE, at('1769884920123'))).toEqual(
      await idsOf(remote, ROUTINE, at('1769884920123')),
    );
  });

  test('differs for a later event of the same content, where only a signed header dates it', async () => {
    expect(await idsOf(remote, ROUTINE, at('1769884920123'))).not.toEqual(
      await idsOf(remote, ROUTINE, at('1769884920124')),
    );
  });

  test('does not depend on when a retry was signed, where the event says its own time', async () => {
    const body = {
      type: 'employee.created',
      timestamp: '2026-01-31T18:42:00+0000',
      data: { employeeId: '6' },
    };
    const sent = (timestamp: string) =>
      idsOf(bamboohr, body, { 'x-bamboohr-timestamp': timestamp });
    expect(await sent('1769884920')).toEqual(await sent('1769885220'));
  });

  test('tells two changes to one person in the same second apart', async () => {
    const change = (field: string) => ({
      type: 'employee.updated',
      timestamp: '2026-01-31T18:42:00+0000',
      data: { employeeId: '6', changedFields: [field] },
    });
    expect(await idsOf(bamboohr, change('homeEmail'))).not.toEqual(
      await idsOf(bamboohr, change('jobTitle')),
    );
  });

  test('differs between the events of one delivery', async () => {
    expect(new Set(await idsOf(bamboohr, { employees: [{ id: '5' }, { id: '6' }] })).size).toBe(2);
  });

  test('is not taken from a header that nobody signed', async () => {
    const body = { action: 'hire_candidate', payload: {} };
    expect(await idsOf(greenhouse, body, { 'greenhouse-event-id': '1' })).toEqual(
      await idsOf(greenhouse, body, { 'greenhouse-event-id': '2' }),
    );
  });

  test('is not taken from a timestamp that nobody signed', async () => {
    const timestamp = { header: 'x-timestamp', format: 'seconds' } as const;
    const unsigned = described({ signed: ['body'], timestamp });
    const [event] = await read(unsigned, {}, { 'x-timestamp': '1' });
    expect(event).toMatchObject({ identity: 'content' });
    expect(await idsOf(unsigned, {}, { 'x-timestamp': '2' })).toEqual([event?.id]);
  });

  test('is dated by a timestamp of the operator’s description that is signed', async () => {
    const dated = described({
      signed: ['body', { header: 'x-timestamp' }],
      timestamp: { header: 'x-timestamp', format: 'seconds' },
    });
    expect(await read(dated, {}, { 'x-timestamp': '1' })).toMatchObject([
      { identity: 'content_and_time' },
    ]);
    expect(await idsOf(dated, {}, { 'x-timestamp': '1' })).not.toEqual(
      await idsOf(dated, {}, { 'x-timestamp': '2' }),
    );
  });

  test.each([
    ['types', { type: 'contract.created' }],
    ['subjects', { id: '3w4zdd0' }],
  ])('tells two %s under one id of the sender apart', async (_name, { type, id }: Change) => {
    const one = (eventType = 'contract.signed', subject = '3w4zdd9') => ({
      data: { meta: { tracking_id: 'q8tVRj', event_type: eventType }, resource: { id: subject } },
    });
    expect(await idsOf(deel, one())).toEqual(await idsOf(deel, one()));
    expect(await idsOf(deel, one())).not.toEqual(await idsOf(deel, one(type, id)));
  });

  test.each(['a#b', 'a b', 'a\nb', 'ä', 'x'.repeat(129)])(
    'hides an own id such as "%s"',
    async (uuid) => {
      const [id] = await idsOf(okta, { data: { events: [{ uuid }] } });
      expect(id).toMatch(/^event:[\w-]{32}:[\w-]{32}$/);
    },
  );

  test('is a number that a double cannot hold, digit by digit', async () => {
    const body = '{"data":{"events":[{"uuid":9007199254740993}]}}';
    expect((await idsOf(okta, body))[0]).toContain('event:9007199254740993:');
  });
});
