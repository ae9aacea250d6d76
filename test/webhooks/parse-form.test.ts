import { describe, expect, test } from 'vitest';
import { installedProvider } from '../../functions/webhooks/source.ts';
import { readEvents } from '../support/read-events.ts';
import { post } from '../support/verify-deliveries.ts';

const generic = installedProvider({ provider: 'generic', auth: { basic: true } });
const bamboohr = installedProvider({ provider: 'bamboohr' });
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const payloadsOf = async (
  body: string | Buffer,
  headers: Record<string, string>,
  provider = generic,
) => (await readEvents(provider, post(headers, body))).map(({ payload }) => payload);

describe('a form has', () => {
  test.each([
    ['fields within fields', 'a[b]=1&a[c][d]=2', { a: { b: '1', c: { d: '2' } } }],
    ['lists by brackets', 'a[]=1&a[]=2', { a: ['1', '2'] }],
    ['lists by numbers', 'a[0]=1&a[1]=2', { a: ['1', '2'] }],
    ['lists of fields', 'a[0][b]=1&a[1][b]=2', { a: [{ b: '1' }, { b: '2' }] }],
    ['no list where numbers are left out', 'a[1]=1&a[7]=2', { a: { 1: '1', 7: '2' } }],
    ['names with a blank', 'f[Home Email]=x', { f: { 'Home Email': 'x' } }],
    ['names that are no path', 'a]b=1&[c]=2&a[b=3', { 'a]b': '1', '[c]': '2', 'a[b': '3' }],
    ['both of two names that contradict each other', 'a=1&a[b]=2', { a: '1', 'a[b]': '2' }],
    ['both, the other way round', 'a[b]=2&a=1', { a: { b: '2', 1: '1' } }],
    [
      'what is JSON in a field',
      'payload={"email":"x"}&list=[1]',
      { payload: { email: 'x' }, list: [1] },
    ],
    ['a text that only begins like JSON', 'a={x', { a: '{x' }],
  ])('%s', async (_name, body, expected) => {
    expect(await payloadsOf(encodeBlanks(body), FORM)).toEqual([expected]);
  });

  test.each(['__proto__=x', 'a[__proto__]=x', 'a[__proto__][b]=x', '__proto__[a]=x'])(
    'no prototype: %s',
    async (body) => {
      expect(await payloadsOf(`${body}&b=1`, FORM)).toEqual([{ b: '1' }]);
      expect({}).not.toHaveProperty('a');
    },
  );

  test('no more depth than JSON may have', async () => {
    const name = (depth: number) => `a${'[b]'.repeat(depth)}=1`;
    await expect(payloadsOf(name(63), FORM)).resolves.toHaveLength(1);
    await expect(payloadsOf(name(64), FORM)).rejects.toMatchObject({ code: 'too_deep' });
  });
});

const encodeBlanks = (body: string) => body.replaceAll(' ', '+').replaceAll('"', '%22');

describe('the form of BambooHR', () => {
  // The example of the vendor's page on event-based webhooks.
  const EVENT =
    'type=employee.updated&data[companyId]=12345&data[employeeId]=67890&data[changedFields][0]=firstName';

  test('is the same event as its JSON', async () => {
    const body = EVENT.replaceAll('[', '%5B').replaceAll(']', '%5D');
    const json = {
      type: 'employee.updated',
      data: { companyId: '12345', employeeId: '67890', changedFields: ['firstName'] },
    };
    for (const written of [EVENT, body]) {
      expect(await payloadsOf(written, FORM, bamboohr)).toEqual([json]);
    }
    const [event] = await readEvents(bamboohr, post(FORM, body));
    expect(event).toMatchObject({ subject: '67890', type: 'employee.updated' });
  });

  test('may have several employees with their fields', async () => {
    const body =
      'employees[0][id]=5&employees[0][fields][Home+Email][value]=a&employees[1][id]=6&employees[1][fields][Home+Email][value]=b';
    expect(await payloadsOf(body, FORM, bamboohr)).toEqual([
      { id: '5', fields: { 'Home Email': { value: 'a' } } },
      { id: '6', fields: { 'Home Email': { value: 'b' } } },
    ]);
  });
});

describe('multipart/form-data', () => {
  const MULTIPART = { 'content-type': 'multipart/form-data; boundary=----frontier7MA4' };
  const part = (name: string, value: string, more = '') =>
    `------frontier7MA4\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const END = '------frontier7MA4--\r\n';

  test('has the fields of a form, and what is JSON in one of them', async () => {
    // As JotForm sends a submission.
    const body =
      part('formID', '2301') +
      part('rawRequest', '{"q3_email":"casey@partner.example"}') +
      part('data[name]', 'Zoë') +
      END;
    expect(await payloadsOf(body, MULTIPART)).toEqual([
      { formID: '2301', rawRequest: { q3_email: 'casey@partner.example' }, data: { name: 'Zoë' } },
    ]);
  });

  test('may have files, which are passed over', async () => {
    const file = part('cv', 'x', '; filename="cv.txt"\r\nContent-Type: text/plain');
    expect(await payloadsOf(part('a', '1') + file + END, MULTIPART)).toEqual([{ a: '1' }]);
  });

  test.each([
    ['is cut off', part('a', '1'), MULTIPART],
    ['has no boundary', part('a', '1') + END, { 'content-type': 'multipart/form-data' }],
    ['is none', '{"a":1}', MULTIPART],
  ])('that %s is refused', async (_name, body, headers) => {
    await expect(payloadsOf(body, headers)).rejects.toMatchObject({ code: 'invalid_form' });
  });

  test('is JSON where a provider sends JSON', async () => {
    const okta = installedProvider({ provider: 'okta' });
    expect(await payloadsOf('{"a":1}', MULTIPART, okta)).toEqual([{ a: 1 }]);
  });
});

describe('JSON lines', () => {
  const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

  test.each([
    ['with a line break at the end', `${lines({ n: 1 }, { n: 2 })}\n`],
    ['as Windows ends lines', lines({ n: 1 }, { n: 2 }).replace('\n', '\r\n')],
    ['with an empty line', lines({ n: 1 }, { n: 2 }).replace('\n', '\n\n')],
  ])('are an event each: %s', async (_name, body) => {
    expect(await payloadsOf(body, { 'content-type': 'application/x-ndjson' })).toEqual([
      { n: 1 },
      { n: 2 },
    ]);
  });

  test('of one line are that event', async () => {
    expect(await payloadsOf('{"n":1}\n', {})).toEqual([{ n: 1 }]);
  });

  test('are not what is one object on many lines', async () => {
    expect(await payloadsOf('{\n"n":\n1}', {})).toEqual([{ n: 1 }]);
  });

  test.each(['{"n":1}\nnot', '{\n"n":1,\n}', '1\n2', '[1]\n[2]'])(
    'that cannot be read are refused: %j',
    async (body) => {
      await expect(payloadsOf(body, {})).rejects.toMatchObject({ code: 'invalid_json' });
    },
  );

  test('are refused where a provider sends JSON', async () => {
    const okta = installedProvider({ provider: 'okta' });
    const reading = payloadsOf(lines({ n: 1 }, { n: 2 }), {}, okta);
    await expect(reading).rejects.toMatchObject({ code: 'invalid_json' });
  });
});
