import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLocalBambooHr } from '../../infra/local/hr/bamboohr.ts';

const KEY = 'local-api-key';
const EMPLOYEES = '/api/gateway.php/acme/v1/employees';

let bambooHr: Awaited<ReturnType<typeof startLocalBambooHr>>;
beforeAll(async () => {
  bambooHr = await startLocalBambooHr(0, KEY, {
    id: '42',
    homeEmail: 'ines.employee@partner.example',
  });
});
afterAll(() => bambooHr.close());

const basic = (credential: string) => ({
  authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
});
const employee = async (path: string, headers = basic(`${KEY}:x`), method = 'GET') => {
  const response = await fetch(`${bambooHr.url}${EMPLOYEES}/${path}`, { method, headers });
  const text = await response.text();
  return { status: response.status, ...(text && { json: JSON.parse(text) }) };
};
const enter = (body: string) =>
  fetch(`${bambooHr.url}/sandbox/employees`, { method: 'POST', body });

describe('one employee', () => {
  test('is answered with the fields that were asked for, and the id', async () => {
    expect(await employee('42/?fields=homeEmail')).toEqual({
      status: 200,
      json: { id: '42', homeEmail: 'ines.employee@partner.example' },
    });
    expect(await employee('42?fields=firstName')).toEqual({ status: 200, json: { id: '42' } });
    expect(await employee('42/')).toEqual({ status: 200, json: { id: '42' } });
  });

  test('has no address until somebody has entered it', async () => {
    expect((await employee('43/?fields=homeEmail')).json).toEqual({ id: '43' });
    const entered = await enter('{"id":"43","homeEmail":"late@partner.example"}');
    expect(await entered.json()).toEqual({ id: '43', homeEmail: 'late@partner.example' });
    expect((await employee('43/?fields=lastName,homeEmail')).json).toEqual({
      id: '43',
      homeEmail: 'late@partner.example',
    });
  });

  test('is 404 until there is one of that id', async () => {
    expect((await employee('44/?fields=homeEmail')).status).toBe(404);
    await enter('{"id":"44"}');
    expect(await employee('44/?fields=homeEmail')).toEqual({ status: 200, json: { id: '44' } });
  });

  test.each([
    ['another key', basic('other:x')],
    ['the key as the password', basic(`x:${KEY}`)],
    ['a bearer token', { authorization: `Bearer ${KEY}` }],
    ['nothing', { authorization: '' }],
  ])('is 401 with %s, and nothing is told', async (_, headers) => {
    expect(await employee('42/?fields=homeEmail', headers)).toEqual({ status: 401 });
  });

  test('is read only', async () => {
    expect((await employee('42/', undefined, 'DELETE')).status).toBe(404);
    expect((await employee('42/')).status).toBe(200);
  });
});

describe('/sandbox/employees', () => {
  test('lists all of them', async () => {
    const list = await (await fetch(`${bambooHr.url}/sandbox/employees`)).json();
    expect(list).toContainEqual({ id: '42', homeEmail: 'ines.employee@partner.example' });
  });

  test.each(['', 'no JSON', '[]', 'null', '{"homeEmail":"a@b.example"}', '{"id":"x"}', '{"id":7}'])(
    'says what it wants instead of %j',
    async (body) => {
      const response = await enter(body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: expect.stringContaining('"id":"43"') });
    },
  );
});
