import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseRequest } from '../../functions/invites/request.ts';
import { readBody } from '../../functions/lambda/http-body-parser.ts';
import { runs } from '../support/depth.ts';

const FORM = 'application/x-www-form-urlencoded';
const ASK = { channel: 'C0PARTNER01', emails: ['casey@partner.example'] };

const jsonEvent = (body: string, type = 'application/json') => ({
  headers: { 'content-type': type },
  body,
  isBase64Encoded: false,
});

/** API Gateway delivers a body in base64 unless its type is text or JSON. */
const base64Event = (body: string | Buffer, type = FORM) => ({
  headers: { 'content-type': type },
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
});

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const readForm = (text: string) => readBody(base64Event(text));

const refusalOf = (event: Parameters<typeof readBody>[0]): InviteError => {
  try {
    readBody(event);
  } catch (error) {
    if (error instanceof InviteError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
};

describe('a JSON body', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json; charset=utf8',
    'application/json; charset=UTF8',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    "application/json; charset='utf-8'",
    'application/json; charset=',
    'application/vnd.acme.ask+json',
  ])('of the type %s is read', (type) => {
    expect(readBody(jsonEvent(JSON.stringify(ASK), type))).toEqual(ASK);
  });

  test('is read from base64 too', () => {
    expect(readBody(base64Event(JSON.stringify(ASK), 'application/json'))).toEqual(ASK);
  });

  test('keeps __proto__ a field like any other, so that it is refused', () => {
    const input = readBody(jsonEvent('{"__proto__":{"channel":"C0PARTNER01"}}'));
    expect(() => parseRequest(input)).toThrow('__proto__ is unknown');
  });
});

test.each(['{"channel":"C0PARTNER01"}', ' [1]', '{'])(
  'JSON that calls itself a form, as of curl without a content-type, is told what to set: %s',
  (body) => {
    expect(refusalOf(base64Event(body))).toMatchObject({
      status: 415,
      message: expect.stringMatching(
        /^The body looks like JSON but calls itself a form\. Set content-type to application\/json /,
      ),
      facts: { code: 'unsupported_media_type' },
    });
  },
);

describe('a form', () => {
  test.each<[string, string, object]>([
    ['a plain address', 'emails=a%40b.co', { emails: 'a@b.co' }],
    ['a list as JSON text', 'emails=%5B%22a%40b.co%22%5D', { emails: ['a@b.co'] }],
    ['a list with a space before it', 'user_ids=+%5B%22U1%22%5D', { user_ids: ['U1'] }],
    ['a plus in an address', 'emails=a%2Bx%40b.co', { emails: 'a+x@b.co' }],
    ['a broken list, which stays text', 'emails=%5B%22a%40b.co', { emails: '["a@b.co' }],
    ['a channel that looks like a list', 'channel=%5B%5D', { channel: '[]' }],
    ['true', 'external_limited=true', { external_limited: true }],
    ['1', 'external_limited=1', { external_limited: true }],
    ['false', 'external_limited=false', { external_limited: false }],
    ['0', 'external_limited=0', { external_limited: false }],
    ['True of Python', 'external_limited=True', { external_limited: true }],
    ['FALSE', 'external_limited=FALSE', { external_limited: false }],
    ['another word, which stays text', 'external_limited=yes', { external_limited: 'yes' }],
    ['digits', 'resend=12', { resend: 12 }],
    ['digits with spaces around them', 'resend=+12%0A', { resend: 12 }],
    ['no digits, which stay text', 'resend=1e3', { resend: '1e3' }],
    ['too many digits, which stay text', `resend=${'9'.repeat(16)}`, { resend: '9'.repeat(16) }],
    ['a reference of digits', 'reference=7', { reference: '7' }],
    ['an empty field', 'channel=', { channel: '' }],
  ])('gives %s', (_name, text, fields) => {
    expect(readForm(text)).toEqual(fields);
  });

  test('may come as text, with a charset', () => {
    const event = jsonEvent('channel=C0PARTNER01', `${FORM}; charset=UTF-8`);
    expect(readBody(event)).toEqual({ channel: 'C0PARTNER01' });
  });

  test('is refused with a field given twice, by its name and without its values', () => {
    const event = base64Event('channel=qx1&emails=qx%40b.co&emails=qx%40c.co&channel=qx2');
    const error = refusalOf(event);
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 422 });
    const detail = expect.stringMatching(/more than once; give it once/);
    expect(error.facts.errors).toHaveLength(2);
    expect(error.facts.errors).toEqual(
      expect.arrayContaining([
        { field: 'channel', detail },
        { field: 'emails', detail },
      ]),
    );
    expect(JSON.stringify([error.message, error.facts])).not.toContain('qx');
  });

  test.each(['__proto__', 'constructor', 'emails[]'])('keeps %s a field of its own', (name) => {
    const input = readForm(`${name}=x&channel=C0PARTNER01`) as object;
    expect(Object.keys(input)).toEqual([name, 'channel']);
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect(() => parseRequest(input)).toThrow('is unknown');
  });
});

describe('JSON that is broken is refused with the place of the first mistake', () => {
  test.each([
    ['a comma too many', '{"channel":"C0PARTNER01",}', 26],
    ['a text without quotes', '{"channel": C0PARTNER01}', 13],
    ['single quotes', "{'channel':'C0PARTNER01'}", 2],
    ['curly quotes', '{“channel”:"C0PARTNER01"}', 2],
    ['a key without quotes', '{channel:"C0PARTNER01"}', 2],
    ['a missing comma', '{"a":1 "b":2}', 8],
    ['a missing colon', '{"a" 1}', 6],
    ['more after the end', '{"a":1}\n}', 9],
    ['a line end in a text', '{"a":"b\nc"}', 8],
    ['a text that reads like a message', '["x at position 3", b]', 21],
  ])('%s', (_what, body, place) => {
    const { message } = refusalOf(jsonEvent(body));
    expect(message).toContain(`is not valid JSON: the first mistake is at character ${place}.`);
  });

  test('an end that comes too early is called that', () => {
    for (const body of ['{"a":1', '{"a":"b', '[', 'tru', ' '])
      expect(refusalOf(jsonEvent(body)).message).toContain('is not valid JSON: it ends too early.');
  });

  test('wherever it is, and what stands before the place could have gone on', () => {
    const edit = fc.tuple(fc.nat(100), fc.constantFrom(...',"}]:{[x\\ 0-“'));
    fc.assert(
      fc.property(fc.json({ maxDepth: 2 }), edit, (json, [at, insert]) => {
        const place = at % (json.length + 1);
        const body = json.slice(0, place) + insert + json.slice(place);
        fc.pre(!isJson(body) && body.trim() !== '');
        const [, found] = /at character (\d+)\./.exec(refusalOf(jsonEvent(body)).message) ?? [];
        // A mistake cannot be before what was inserted, as the text was JSON.
        expect(Number(found ?? body.length + 1)).toBeGreaterThan(place);
      }),
      runs(500),
    );
  });
});

describe('a body is refused', () => {
  test.each([
    ['no type', {}],
    ['an empty type', { 'content-type': '' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['JSON as text', { 'content-type': 'text/json' }],
    ['a form in another charset', { 'content-type': `${FORM}; charset=iso-8859-1` }],
    ['a slip of content-encoding', { 'content-type': FORM, 'content-encoding': 'utf-8' }],
    ['UTF-16', { 'content-type': `${FORM}; charset=utf-16` }],
    ['gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('with 415 and the types that are known: %s', (_name, headers) => {
    const error = refusalOf({ headers, body: JSON.stringify(ASK), isBase64Encoded: false });
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 415 });
    expect(error.facts.code).toBe('unsupported_media_type');
    expect(error.message).toContain('application/json or application/x-www-form-urlencoded');
  });

  test.each<[string, (text: string) => Parameters<typeof readBody>[0]]>([
    ['as text', (text) => jsonEvent(text)],
    ['in base64', (text) => base64Event(text, 'application/json')],
  ])('with 413 from 16 KiB and one byte on, %s', (_name, eventOf) => {
    const body = (bytes: number) => JSON.stringify('ä').padEnd(bytes - 1); // ä has two bytes
    expect(readBody(eventOf(body(16 * 1024)))).toBe('ä');
    const error = refusalOf(eventOf(body(16 * 1024 + 1)));
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 413 });
    expect(error.facts.code).toBe('body_too_large');
    expect(error.message).toContain('16384');
  });

  test.each([
    ['no JSON', jsonEvent('{"emails":["qx@partner.example"],}')],
    ['one word', jsonEvent('qx')],
    ['an empty JSON body', jsonEvent('')],
    ['none', { headers: { 'content-type': 'application/json' }, isBase64Encoded: false }],
    ['an empty form', base64Event('')],
    ['bad UTF-8 in JSON', base64Event(Buffer.from([0x22, 0xff, 0x22]), 'application/json')],
    ['bad UTF-8 in a form', base64Event(Buffer.from([0x61, 0x3d, 0xc3, 0x28]))],
    ['bad UTF-8 behind percent signs', base64Event('emails=qx%FF@partner.example')],
  ])('with 400, and nothing of it repeated: %s', (_name, event) => {
    const error = refusalOf(event);
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 400 });
    expect(error.facts.code).toBe('unreadable_body');
    expect(error.cause).toBeUndefined();
    const shown = JSON.stringify([error.message, error.facts]) + error.stack;
    expect(shown).not.toMatch(/qx|partner|SyntaxError|Unexpected|position/);
  });
});

describe('whatever the body', () => {
  test('it is read or refused as InvalidRequest, and nothing else is ever thrown', () => {
    const type = fc.constantFrom('application/json', FORM, 'text/plain', ';;=', 'a; charset');
    const body = fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' }), fc.json());
    fc.assert(
      fc.property(type, body, fc.boolean(), (contentType, bytes, isBase64Encoded) => {
        const text = isBase64Encoded ? Buffer.from(bytes as string).toString('base64') : `${bytes}`;
        const headers = { 'content-type': contentType };
        try {
          readBody({ headers, body: text, isBase64Encoded });
        } catch (error) {
          expect(error).toBeInstanceOf(InviteError);
          expect(error).toMatchObject({ name: 'InvalidRequest' });
        }
      }),
      runs(300),
    );
  });

  test('the same ask is the same request, in JSON and in every spelling of a form', () => {
    const recipient = fc.oneof(
      fc.record({
        field: fc.constant('emails'),
        value: fc.emailAddress(),
      }),
      fc.record({
        field: fc.constant('user_ids'),
        value: fc.stringMatching(/^[UW][A-Z0-9]{6,20}$/),
      }),
    );
    const rest = fc.record(
      {
        external_limited: fc.boolean(),
        resend: fc.nat(1_000_000),
        reference: fc.stringMatching(/^[\w.:-]{1,64}$/),
      },
      { requiredKeys: [] },
    );
    const spelling = fc.record({ list: fc.boolean(), digits: fc.boolean() });
    fc.assert(
      fc.property(recipient, rest, spelling, ({ field, value }, more, { list, digits }) => {
        const request = { channel: 'C0PARTNER01', [field]: [value], ...more };
        const form = new URLSearchParams({
          channel: 'C0PARTNER01',
          [field]: list ? JSON.stringify([value]) : value,
        });
        for (const [name, given] of Object.entries(more)) {
          form.set(name, String(digits && typeof given === 'boolean' ? Number(given) : given));
        }
        const fromJson = requestOf(jsonEvent(JSON.stringify(request)));
        expect(requestOf(base64Event(form.toString()))).toEqual(fromJson);
        expect(fromJson).toMatchObject({ recipient: { value } });
      }),
      runs(300),
    );
  });
});

const requestOf = (event: Parameters<typeof readBody>[0]) => parseRequest(readBody(event));
