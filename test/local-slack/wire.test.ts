import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { BEARER, type Client, GOOD_FORM, startSlack, TOKEN } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack();
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

const FORM = 'application/x-www-form-urlencoded';
const JSON_UTF8 = 'application/json; charset=utf-8';
const post = async (type: string | undefined, body: string | Buffer, headers = BEARER) => {
  const response = await fetch(slack.apiUrl + METHOD, {
    method: 'POST',
    headers: { ...headers, ...(type ? { 'content-type': type } : {}) },
    // Bytes, since fetch would name a type for text.
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
};

describe('a call may be written', () => {
  const invited = async () => (await slack.sandbox('invites')).at(-1);

  test.each([
    [
      'as a form with a JSON array as text',
      'channel=C0PARTNER01&emails=%5B%22casey%40partner.example%22%5D',
    ],
    ['as a form with a plain string', GOOD_FORM],
    ['as a form with an empty item after a comma', `${GOOD_FORM},`],
    ['as a form that names the channel twice, the last counts', `channel=C0NOWHERE01&${GOOD_FORM}`],
  ])('%s', async (_name, body) => {
    expect(await post(FORM, body)).toMatchObject({ status: 200, ok: true });
    expect(await invited()).toMatchObject({ recipient_email: 'casey@partner.example' });
  });

  test('with the token in the form', async () => {
    const answer = await post(FORM, `token=${TOKEN}&${GOOD_FORM}`, {} as never);
    expect(answer).toMatchObject({ ok: true });
  });

  test.each([
    ['an array', ['casey@partner.example']],
    ['a string', 'casey@partner.example'],
  ])('as JSON with %s', async (_name, emails) => {
    const body = JSON.stringify({ channel: 'C0PARTNER01', emails, external_limited: false });
    expect(await post(JSON_UTF8, body)).toMatchObject({ ok: true });
    expect(await invited()).toMatchObject({
      recipient_email: 'casey@partner.example',
      external_limited: false,
    });
  });

  test('as a GET with a query', async () => {
    const response = await fetch(`${slack.apiUrl}${METHOD}?${GOOD_FORM}&external_limited=0`, {
      headers: BEARER,
    });
    expect(await response.json()).toMatchObject({ ok: true });
    expect(await invited()).toMatchObject({ external_limited: false });
  });

  test('as a POST with a query and no body', async () => {
    const url = `${slack.apiUrl}${METHOD}?${GOOD_FORM}`;
    const response = await fetch(url, { method: 'POST', headers: BEARER });
    expect(await response.json()).toMatchObject({ ok: true });
  });

  test('as multipart/form-data', async () => {
    const body = new FormData();
    body.set('channel', 'C0PARTNER01');
    body.set('emails', 'casey@partner.example');
    const url = slack.apiUrl + METHOD;
    const response = await fetch(url, { method: 'POST', headers: BEARER, body });
    expect(await response.json()).toMatchObject({ ok: true });
  });

  test('in ISO-8859-1', async () => {
    const answer = await post(
      'application/json; charset=iso-8859-1',
      Buffer.from('{"channel":"C\u00e9","emails":"a@b.co"}', 'latin1'),
    );
    expect(answer).toMatchObject({ error: 'channel_not_found' });
  });
});

describe('the token', () => {
  test('is not taken from JSON', async () => {
    const body = JSON.stringify({ token: TOKEN, channel: 'C0PARTNER01', emails: 'a@b.co' });
    expect(await post(JSON_UTF8, body, {} as never)).toMatchObject({ error: 'not_authed' });
  });

  test('is not taken from the query', async () => {
    const response = await fetch(`${slack.apiUrl}${METHOD}?token=${TOKEN}&${GOOD_FORM}`);
    expect(await response.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  test('of the header goes before the one in the form', async () => {
    const answer = await post(FORM, `token=${TOKEN}&${GOOD_FORM}`, {
      authorization: 'Bearer xoxb-no',
    });
    expect(answer).toMatchObject({ error: 'invalid_auth' });
  });

  test.each(['Basic abc', 'Bearer', TOKEN])('is none in "Authorization: %s"', async (header) => {
    expect(await post(FORM, GOOD_FORM, { authorization: header })).toMatchObject({
      error: 'not_authed',
    });
  });
});

describe('a request is refused with', () => {
  test.each([
    ['missing_post_type', undefined, GOOD_FORM],
    ['invalid_post_type', 'text/html', GOOD_FORM],
    ['invalid_post_type', 'application', GOOD_FORM],
    ['invalid_charset', `${FORM}; charset=utf-7`, GOOD_FORM],
    ['invalid_charset', 'application/json; charset=latin1', '{}'],
    ['invalid_form_data', FORM, 'channel=%zz'],
    ['invalid_form_data', FORM, '{"channel":"C0PARTNER01"}'],
    ['invalid_form_data', 'multipart/form-data', GOOD_FORM],
    ['invalid_form_data', 'multipart/form-data; boundary=x', '--y\r\n'],
    ['invalid_json', JSON_UTF8, '{"channel":'],
    ['invalid_json', JSON_UTF8, Buffer.from('{"channel":"\xff"}', 'latin1')],
    ['json_not_object', JSON_UTF8, '["channel"]'],
    ['json_not_object', JSON_UTF8, 'null'],
    ['invalid_array_arg', FORM, 'channel=C0PARTNER01&emails[]=a@b.co'],
    ['invalid_array_arg', FORM, 'channel=C0PARTNER01&emails%5B0%5D=a@b.co'],
    ['invalid_array_arg', JSON_UTF8, '{"channel":["C0PARTNER01"],"emails":"a@b.co"}'],
    ['invalid_arg_name', FORM, `${GOOD_FORM}&e-mails=a@b.co`],
    ['invalid_arg_name', FORM, `${GOOD_FORM}&${'x'.repeat(101)}=1`],
    ['invalid_arguments', FORM, 'emails=a@b.co'],
    ['invalid_arguments', FORM, `${GOOD_FORM}&external_limited=maybe`],
    ['invalid_arguments', JSON_UTF8, '{"channel":"C0PARTNER01","emails":{"a":1}}'],
    ['invalid_arguments', JSON_UTF8, '{"channel":"C0PARTNER01","emails":[1]}'],
    ['request_timeout', FORM, `${GOOD_FORM}&x=${'x'.repeat(64 * 1024)}`],
  ])('%s for %s', async (error, type, body) => {
    expect(await post(type, body)).toMatchObject({ status: 200, ok: false, error });
    expect(await slack.sandbox('invites')).toEqual([]);
  });

  test('unknown_method for any other method', async () => {
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: false, error: 'unknown_method' });
  });

  test('request_timeout on a connection that is then closed', async () => {
    const { headers } = await slack.invite('x'.repeat(65 * 1024));
    expect(headers.get('connection')).toBe('close');
  });

  test('a missing argument by name', async () => {
    expect(await post(FORM, 'emails=a@b.co')).toMatchObject({
      response_metadata: { messages: ['[ERROR] missing required field: channel'] },
    });
  });

  test('HTTP 405 for a method that is neither GET nor POST', async () => {
    const response = await fetch(slack.apiUrl + METHOD, { method: 'PUT', headers: BEARER });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });
});

describe('a warning stands beside the answer', () => {
  const goodJson = JSON.stringify({ channel: 'C0PARTNER01', emails: 'casey@partner.example' });

  test.each([
    ['missing_charset', 'application/json', goodJson, true],
    ['missing_charset', 'text/plain', 'hello', false],
    ['superfluous_charset', `${FORM}; charset=utf-8`, GOOD_FORM, true],
  ])('%s for %s', async (warning, type, body, ok) => {
    expect(await post(type, body)).toMatchObject({
      ok,
      warning,
      response_metadata: { warnings: [warning] },
    });
  });

  test('and beside what an error says', async () => {
    expect(await post('application/json', '{}')).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: {
        messages: ['[ERROR] missing required field: channel'],
        warnings: ['missing_charset'],
      },
    });
  });

  test.each([
    ['a form without a charset', FORM, GOOD_FORM],
    ['JSON with one', JSON_UTF8, goodJson],
    ['JSON with one in capitals', 'application/json; charset=UTF-8', goodJson],
  ])('not for %s', async (_name, type, body) => {
    const answer = await post(type, body);
    expect(answer).not.toHaveProperty('warning');
    expect(answer).not.toHaveProperty('response_metadata');
  });
});
