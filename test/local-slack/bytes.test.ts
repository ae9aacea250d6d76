import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, startSlack } from '../support/local-slack.ts';

let slack: Client;
beforeAll(async () => {
  slack = await startSlack();
});
beforeEach(() => slack.sandbox('reset', {}));
afterAll(() => slack.close());

/** Sends these bytes, says no more, and reads all that comes back. */
async function exchange(lines: string[], body = '') {
  const socket = connect(slack.port, '127.0.0.1');
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const [head = '', json = ''] = (await text(socket)).split('\r\n\r\n');
  return { status: head.split('\r\n')[0], head, json };
}

const POST = 'POST /api/conversations.inviteShared HTTP/1.1';
const HOST = 'Host: 127.0.0.1';
const BEARER = 'Authorization: Bearer xoxb-local-acme-invites';
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json; charset=utf-8';
const CLOSE = 'Connection: close';
const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;

const post = (type: string, body: string, auth = [BEARER]) =>
  exchange([POST, HOST, ...auth, type, length(body), CLOSE], body);

const ANSWER = '{"ok":true,"invite_id":"I0000000001","is_legacy_shared_channel":false}';

describe('the bytes of', () => {
  test.each([
    ['@slack/web-api', 'channel=C0PARTNER01&emails=%5B%22a%40b.co%22%5D&external_limited=true'],
    ['@slack/web-api, given a string', 'channel=C0PARTNER01&emails=a%40b.co'],
    ['slack-web-api-client', 'channel=C0PARTNER01&emails=a%40b.co&external_limited=true'],
    ['java-slack-sdk', 'emails=a%40b.co&channel=C0PARTNER01'],
  ])('%s, a form', async (_client, body) => {
    const { status, json } = await post(FORM, body);
    expect([status, json]).toEqual(['HTTP/1.1 200 OK', ANSWER]);
    expect(await slack.sandbox('invites')).toMatchObject([{ recipient_email: 'a@b.co' }]);
  });

  test('slack-go, a form with the token in it', async () => {
    const body =
      'channel=C0PARTNER01&emails=a%40b.co&external_limited=true&token=xoxb-local-acme-invites';
    expect((await post(FORM, body, [])).json).toBe(ANSWER);
  });

  test('python-slack-sdk, a GET', async () => {
    const { json } = await exchange([
      'GET /api/conversations.inviteShared?channel=C0PARTNER01&emails=a%40b.co HTTP/1.1',
      HOST,
      BEARER,
      FORM,
      CLOSE,
    ]);
    expect(json).toBe(ANSWER);
  });

  test.each([
    ['a list', '{"channel":"C0PARTNER01","emails":["a@b.co"]}'],
    ['a string', '{"channel":"C0PARTNER01","emails":"a@b.co"}'],
  ])('a plain fetch, JSON with %s', async (_shape, body) => {
    expect((await post(JSON_TYPE, body)).json).toBe(ANSWER);
  });

  test('a POST with everything in the query', async () => {
    const target = '/api/conversations.inviteShared?channel=C0PARTNER01&emails=a%40b.co';
    const lines = [`POST ${target} HTTP/1.1`, HOST, BEARER, 'Content-Length: 0', CLOSE];
    expect((await exchange(lines)).json).toBe(ANSWER);
  });

  test('multipart/form-data', async () => {
    const part = (name: string, value: string) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body = `${part('channel', 'C0PARTNER01')}${part('emails', 'a@b.co')}--x--\r\n`;
    expect((await post('Content-Type: multipart/form-data; boundary=x', body)).json).toBe(ANSWER);
  });

  test.each([
    ['a PHP-style list', 'channel=C0PARTNER01&emails[]=a%40b.co', 'invalid_array_arg'],
    ['a comma in the address', 'channel=C0PARTNER01&emails=a%40b.co%2Cc%40d.co', 'too_many_emails'],
  ])('%s are refused', async (_what, body, code) => {
    const { status, json } = await post(FORM, body);
    expect([status, json]).toEqual(['HTTP/1.1 200 OK', `{"ok":false,"error":"${code}"}`]);
    expect(await slack.sandbox('invites')).toEqual([]);
  });
});

describe('data that is', () => {
  const TIMEOUT = '{"ok":false,"error":"request_timeout"}';
  const good = 'channel=C0PARTNER01&emails=a%40b.co';

  test('truncated is a request_timeout at once, and sends nothing', async () => {
    const start = performance.now();
    const { status, head, json } = await exchange(
      [POST, HOST, BEARER, FORM, 'Content-Length: 1000'],
      good,
    );
    expect([status, json]).toEqual(['HTTP/1.1 200 OK', TIMEOUT]);
    expect(head).toMatch(/^connection: close$/im);
    expect(performance.now() - start).toBeLessThan(8000); // the server waits 10 s for a body
    expect(await slack.sandbox('invites')).toEqual([]);
    expect((await slack.sandbox('calls'))['conversations.inviteShared'].answers).toEqual({
      request_timeout: 1,
    });
  });

  test('truncated in the middle of a chunk is one too', async () => {
    const lines = [POST, HOST, BEARER, FORM, 'Transfer-Encoding: chunked'];
    expect((await exchange(lines, `3e8\r\n${good}`)).json).toContain(TIMEOUT);
  });

  test('missing is a request_timeout, or invalid_form_data of a form', async () => {
    expect((await post(JSON_TYPE, '')).json).toBe(TIMEOUT);
    expect((await exchange([POST, HOST, BEARER, 'Content-Length: 0', CLOSE])).json).toBe(TIMEOUT);
    expect((await post(FORM, '')).json).toBe('{"ok":false,"error":"invalid_form_data"}');
  });

  test('missing matters only once there is a token', async () => {
    expect((await post(FORM, '', [])).json).toBe('{"ok":false,"error":"not_authed"}');
  });

  test('no request at all is a bad one, and the connection is over', async () => {
    const { status } = await exchange(['POST /api/conversations', 'x']);
    expect(status).toBe('HTTP/1.1 400 Bad Request');
  });

  test('more header than a server takes is told so', async () => {
    const { status } = await exchange([POST, HOST, `X: ${'x'.repeat(70_000)}`]);
    expect(status).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  });
});
