import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { type Client, startSlack, TOKEN } from '../support/local-slack.ts';

const seed = 20_261_123;
const AT_ONCE = 40;

let slack: Client;
const complaints = vi.spyOn(console, 'error');
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());

/** Runs all tasks, some at once. */
async function inParallel<Task>(tasks: Task[], run: (task: Task) => Promise<void>) {
  const queue = tasks.values();
  const worker = async () => {
    for (const task of queue) await run(task);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const isUnharmed = async () => {
  expect(complaints).not.toHaveBeenCalled();
  await slack.sandbox('reset', {});
  expect(await slack.inviteJson()).toMatchObject({ ok: true });
};

/** Writes bytes to the server, and waits until it has closed the connection. */
function write(bytes: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(slack.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  socket.resume();
  socket.end(bytes);
  return promise;
}

const HOST = 'Host: 127.0.0.1\r\n';
const LONG = 'x'.repeat(70_000);
const form = `channel=C0PARTNER01&emails=casey%40partner.example&token=${TOKEN}`;
const json = '{"channel":"C0PARTNER01","emails":["casey@partner.example"]}';
const post = (type: string, body: string, path = `/api/${METHOD}`) =>
  `POST ${path} HTTP/1.1\r\n${HOST}Authorization: Bearer ${TOKEN}\r\nContent-Type: ${type}\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;
const multipart = `--b\r\nContent-Disposition: form-data; name="channel"\r\n\r\nC0PARTNER01\r\n--b--\r\n`;

const REQUESTS = [
  post('application/x-www-form-urlencoded', form),
  post('application/json; charset=utf-8', json),
  post('multipart/form-data; boundary=b', multipart),
  post('application/json', '{"tokens":{"xoxb-new":{"state":"revoked"}}}', '/sandbox/world'),
  post('application/json', '{"error":"is_bot","times":3}', '/sandbox/faults'),
  post('application/json', '{"governance":true}', '/sandbox/settings'),
  `GET /api/${METHOD}?channel=C0PARTNER01&emails=a%40b.co HTTP/1.1\r\n${HOST}\r\n`,
  `GET / HTTP/1.1\r\n${HOST}\r\nGET /page/page.js HTTP/1.1\r\n${HOST}\r\n`,
  `POST /api/auth.test HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n4\r\na=bc\r\n0\r\n\r\n`,
];

const ODD = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  `GET //[ HTTP/1.1\r\n${HOST}\r\n`,
  `GET http://[::bad/api/${METHOD} HTTP/1.1\r\n${HOST}\r\n`,
  `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`,
  `GET /sandbox/world HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`,
  `POST /api/auth.test HTTP/1.1\r\n${HOST}Content-Length: 99\r\n\r\nshort`,
  `POST /api/auth.test HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}X: ${LONG}\r\n\r\n`,
  `GET /${LONG} HTTP/1.1\r\n${HOST}\r\n`,
  post('application/json', `{"channel":${'['.repeat(60_000)}`),
  post('application/json', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, '/sandbox/world'),
  post('application/x-www-form-urlencoded', '&=%'.repeat(20_000)),
  post('application/x-www-form-urlencoded', 'a=1&'.repeat(100_000)),
  post(`multipart/form-data; boundary=${'-'.repeat(5000)}`, multipart),
];

test('6,000 connections of broken bytes are all closed, and harm nothing', async () => {
  /** What happens to a good request: a part is cut out, overwritten, or comes again. */
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    instead: fc.oneof(
      fc.constant([]),
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom('\r\n', '\0', '%', '\r\n\r\n', ': ', '"', '{')
        .map((text) => Buffer.from(text)),
    ),
    again: fc.boolean(),
  });
  const broken = fc
    .tuple(fc.constantFrom(...REQUESTS), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([request, damages]) =>
      damages.reduce((bytes, { at, length, instead, again }) => {
        const start = Math.floor(at * bytes.length);
        const rest = bytes.subarray(again ? Math.max(0, start - length) : start + length);
        return Buffer.concat([bytes.subarray(0, start), Uint8Array.from(instead), rest]);
      }, Buffer.from(request)),
    );
  const bytes = fc.oneof({ weight: 9, arbitrary: broken }, fc.uint8Array({ maxLength: 300 }));

  await inParallel(
    [...ODD, ...REQUESTS].map((text) => Buffer.from(text)),
    write,
  );
  await inParallel(fc.sample(bytes, { numRuns: 6000, seed }), write);
  await isUnharmed();
}, 60_000);

test('4,000 requests of all shapes are all answered, by 200, 400, 404, 405 or 429', async () => {
  const name = fc.constantFrom(
    'token',
    'channel',
    'emails',
    'user_ids',
    'external_limited',
    'message',
    '__proto__',
    'a[]',
  );
  const anyJson = fc.json({ maxDepth: 3 });
  const value = fc.oneof(
    fc.string(),
    anyJson,
    fc.constantFrom('C0PARTNER01', 'a@b.co', TOKEN, '%', '["'),
  );
  const fields = fc.array(fc.tuple(name, value), { maxLength: 5 });
  const pairs = fields.map((all) => all.map(([key, text]) => `${key}=${text}`).join('&'));
  const object = fields.map((all) => JSON.stringify(Object.fromEntries(all)));
  const loose = fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 2 })));
  const typed = loose.map((all) => JSON.stringify(Object.fromEntries(all)));

  const request = fc.record({
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constant(`/api/${METHOD}`) },
      fc.constantFrom('/api/auth.test', '/sandbox/faults', '/sandbox/world', '/sandbox/reset'),
      fc.constantFrom('/sandbox/settings', '/sandbox/invites', '/', '/page/view.js'),
      fc.webPath(),
    ),
    query: fc.oneof(fc.constant(''), pairs.map(encodeURI), fc.webQueryParameters()),
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'HEAD'),
    type: fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/json',
      'application/json; charset=iso-8859-1',
      'multipart/form-data; boundary=b',
      'multipart/form-data',
      'text/plain; charset="',
      ';;;',
      '',
    ),
    authorization: fc.constantFrom(`Bearer ${TOKEN}`, 'Bearer', 'x', ''),
    body: fc.oneof(pairs, object, typed, anyJson, fc.string(), fc.constant('--b\r\n\r\n--b--')),
  });

  const requests = fc.sample(request, { numRuns: 4000, seed });
  await inParallel(requests, async ({ path, query, method, type, authorization, body }) => {
    const response = await fetch(`${slack.url}${path}?${query}`, {
      method,
      headers: { 'content-type': type, authorization },
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: new TextEncoder().encode(body) }),
      redirect: 'manual',
    });
    await response.arrayBuffer();
    expect([200, 400, 404, 405, 429]).toContain(response.status);
  });
  await isUnharmed();
}, 60_000);
