import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Grant, grantKey, type Policy, stateOf } from '../../functions/invites/policy.ts';
import { OPEN } from '../support/fakes.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newRequest } from '../support/requests.ts';
import { newTable } from '../support/tables.ts';
import { newWorld, type World } from '../support/world.ts';

const CHANNEL = 'C0PARTNER01';
const ACT = { by: 'user/ann', at: '2029-12-31T00:00:00.000Z', reason: 'a customer' };

let world: World;
beforeEach(async () => {
  world = await newWorld({ policy: { ...OPEN, channels: {} } });
});

/** What an operator writes. */
const grant = async (...grants: Partial<Grant>[]) => {
  const all = grants.map((one) => ({ domain: 'partner.example', granted: ACT, ...one }));
  const Item = marshall({ pk: grantKey(CHANNEL), grants: all });
  await world.table.client('PutItem', { TableName: world.table.name, Item }, INVOCATION);
};

const refused = (code: string) => ({ name: 'NotAllowed', facts: { code } });
const row = (fields: object): Policy => ({
  ...OPEN,
  channels: { [CHANNEL]: { emailDomains: [], ...fields } },
});

describe('a grant', () => {
  test('lets a domain into a channel that the configuration does not list, from the next request on', async () => {
    const request = newRequest();
    await expect(world.send(request)).rejects.toMatchObject(refused('channel_not_allowed'));
    await grant({});
    expect(await world.send(request)).toMatchObject({ outcome: 'sent' });
  });

  test.each<[string, Partial<Grant>, string, boolean]>([
    ['its domain', {}, 'a@partner.example', true],
    ['its domain in capitals', {}, 'a@PARTNER.example', true],
    ['another domain', {}, 'a@other.example', false],
    ['a subdomain', {}, 'a@eu.partner.example', false],
    ['the subdomains of *.x', { domain: '*.partner.example' }, 'a@eu.partner.example', true],
    ['x itself of *.x', { domain: '*.partner.example' }, 'a@partner.example', false],
    ['its caller', { caller: 'user/hr' }, 'a@partner.example', true],
    ['another caller', { caller: 'role/hr' }, 'a@partner.example', false],
    ['a time before its end', { until: '2030-01-02T00:00:00Z' }, 'a@partner.example', true],
    ['a time after its end', { until: '2029-12-31T00:00:00Z' }, 'a@partner.example', false],
    ['a time after it was revoked', { revoked: ACT }, 'a@partner.example', false],
  ])('is for %s', async (_, fields, value, isAllowed) => {
    await grant(fields);
    const sent = world.send(newRequest({ recipient: { kind: 'email', value } }));
    if (isAllowed) expect(await sent).toMatchObject({ outcome: 'sent' });
    else await expect(sent).rejects.toMatchObject(refused('channel_not_allowed'));
  });

  test('after one that is over holds all the same', async () => {
    await grant({ revoked: ACT }, { until: '2029-01-01T00:00:00Z' }, {});
    expect(await world.send(newRequest())).toMatchObject({ outcome: 'sent' });
  });

  test('that names a caller lets one in whom the channel does not list, and no other does', async () => {
    world.enforce(row({ callers: ['role/crm'] }));
    await grant({});
    await expect(world.send(newRequest())).rejects.toMatchObject(refused('caller_not_allowed'));
    await grant({ caller: 'user/hr' });
    expect(await world.send(newRequest())).toMatchObject({ outcome: 'sent' });
  });

  test('never gives user ids, full access, or a denied domain', async () => {
    await grant({}, { domain: '*.partner.example' });
    const byId = newRequest({ recipient: { kind: 'user_id', value: 'U012AB3CD4E' } });
    await expect(world.send(byId)).rejects.toMatchObject(refused('channel_not_allowed'));
    const full = newRequest({ external_limited: false });
    await expect(world.send(full)).rejects.toMatchObject(refused('channel_not_allowed'));
    world.enforce(row({}));
    await expect(world.send(byId)).rejects.toMatchObject(refused('user_ids_not_allowed'));
    await expect(world.send(full)).rejects.toMatchObject(refused('full_access_not_allowed'));
    world.enforce({ ...row({}), deniedEmailDomains: ['partner.example'] });
    await expect(world.send(newRequest())).rejects.toMatchObject(refused('email_domain_denied'));
    const below = newRequest({ recipient: { kind: 'email', value: 'a@eu.partner.example' } });
    await expect(world.send(below)).rejects.toMatchObject(refused('email_domain_denied'));
  });
});

describe('a queued request', () => {
  test('is sent at its turn by a grant that still holds', async () => {
    await grant({});
    const queued = await world.enqueue(newRequest());
    expect(await world.turn(queued)).toMatchObject({ outcome: 'sent' });
  });

  test.each<[string, Partial<Grant>]>([
    ['was revoked', { revoked: ACT }],
    ['has lapsed', { until: '2029-12-31T00:00:00Z' }],
    ['is for somebody else now', { caller: 'role/crm' }],
  ])('ends NotAllowed if its grant %s meanwhile', async (_, later) => {
    await grant({});
    const request = newRequest();
    const queued = await world.enqueue(request);
    await grant(later);
    await expect(world.turn(queued)).rejects.toMatchObject(refused('channel_not_allowed'));
    expect(await world.read(request)).toMatchObject({
      status: 'failed',
      error: { class: 'NotAllowed', code: 'channel_not_allowed' },
    });
    expect(world.inviteShared).not.toHaveBeenCalled();
  });

  test('is checked as the caller who made it', async () => {
    await grant({ caller: 'user/hr' });
    const queued = await world.enqueue(newRequest());
    expect((await world.stored(newRequest()))?.queue).toBeUndefined();
    expect(await world.turn(queued)).toMatchObject({ outcome: 'sent' });
  });
});

test('grants are read only where the configuration refuses, once, and only if one could help', async () => {
  const table = await newTable();
  const keys: string[] = [];
  const counting: World['table'] = {
    ...table,
    client: (operation, input, its) => {
      const { pk } = (input as { Key?: { pk: { S: string } } }).Key ?? {};
      if (operation === 'GetItem' && pk?.S.startsWith('grant#')) keys.push(pk.S);
      return table.client(operation, input, its);
    },
  };
  const counted = await newWorld({ table: counting, policy: row({ emailDomains: ['a.example'] }) });
  const to = (value: string, more = {}) =>
    counted.send(newRequest({ recipient: { kind: 'email', value }, ...more }));
  await to('x@a.example');
  expect(keys).toEqual([]);
  await expect(to('x@b.example')).rejects.toMatchObject({ name: 'NotAllowed' });
  expect(keys).toEqual([grantKey(CHANNEL)]);
  await expect(to('x@b.example', { external_limited: false })).rejects.toMatchObject({
    name: 'NotAllowed',
  });
  expect(keys).toHaveLength(1);
});

describe('the invites of a channel', () => {
  const mayRead = (names: string[]) =>
    world.invoke().ports.admission.mayRead(CHANNEL, names, INVOCATION);

  test('are read by those to whom something is granted there', async () => {
    expect(await mayRead(['role/crm'])).toBe(false);
    await grant({ caller: 'role/crm' });
    expect(await mayRead(['role/crm'])).toBe(true);
    expect(await mayRead(['role/other'])).toBe(false);
    await grant({});
    expect(await mayRead(['role/other'])).toBe(true);
    await grant({ revoked: ACT });
    expect(await mayRead(['role/other'])).toBe(false);
  });
});

test.each<[Partial<Grant>, string]>([
  [{}, 'in force'],
  [{ until: '2030-01-02T00:00:00Z' }, 'in force'],
  [{ until: '2030-01-01T00:00:00Z' }, 'lapsed'],
  [{ until: '2029-01-01T00:00:00Z', revoked: ACT }, 'revoked'],
])('%j is %s', (fields, state) => {
  const now = Date.parse('2030-01-01T00:00:00Z');
  expect(stateOf({ domain: 'a.example', granted: ACT, ...fields }, now)).toBe(state);
});
