import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { METHOD } from '../../functions/slack/method.ts';
import { readBody } from '../../infra/local/slack/body.ts';
import { startLocalSlack } from '../../infra/local/slack/server.ts';
import { keep } from '../../infra/local/slack/state.ts';
import { type Client, startSlack, TOKEN } from './helpers.ts';

let slack: Client;
afterEach(async () => {
  vi.useRealTimers();
  await slack?.close();
});

test('it listens on 127.0.0.1 only and says where', async () => {
  slack = await startSlack();
  expect(slack.url).toBe(`http://127.0.0.1:${slack.port}`);
  expect(slack.apiUrl).toBe(`${slack.url}/api/`);
  await expect(fetch(`http://[::1]:${slack.port}/`)).rejects.toThrow();
});

test('a port in use is an error of the start', async () => {
  slack = await startSlack();
  const second = startLocalSlack({ port: slack.port, ratePerMinute: 20 });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('close ends at once: silent, idle, hanging and delayed connections', async () => {
  slack = await startSlack();
  const silent = connect(slack.port, '127.0.0.1');
  await once(silent, 'connect');
  await slack.sandbox('world');
  const pending = [];
  for (const fault of [{ hang: true }, { delay_ms: 60_000 }]) {
    await slack.sandbox('faults', { ...fault, times: 1 });
    pending.push(expect(slack.invite()).rejects.toThrow());
    await expect.poll(() => slack.sandbox('faults')).toEqual({ fault: null });
  }

  const start = performance.now();
  await slack.close();
  expect(performance.now() - start).toBeLessThan(500);
  await Promise.all(pending);
  silent.destroy();
});

test('a body that does not end is given up after ten seconds', async () => {
  vi.useFakeTimers();
  const request = new PassThrough();
  request.write('channel=');
  const body = readBody(request as unknown as IncomingMessage);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await body).toMatchObject({ complete: false });
});

test('of a body that is too long only its head is kept', async () => {
  const request = new PassThrough();
  const body = readBody(request as unknown as IncomingMessage);
  for (let n = 0; n < 10; n++) request.write(Buffer.alloc(20_000));
  request.end();
  const { bytes, complete } = await body;
  expect([bytes.length, complete]).toEqual([60_000, false]);
});

test('a client that leaves in the middle of a body leaves no timer behind', async () => {
  vi.useFakeTimers();
  const request = new PassThrough();
  const body = expect(readBody(request as unknown as IncomingMessage)).rejects.toThrow(/broke/);
  request.destroy();
  await body;
  expect(vi.getTimerCount()).toBe(0);
});

test('a process ends once its local Slack is closed, whatever was pending', async () => {
  const script = `
    import { startLocalSlack } from './infra/local/slack/server.ts';
    const slack = await startLocalSlack({ port: 0, ratePerMinute: 20 });
    const method = 'POST';
    await fetch(slack.url + '/sandbox/faults', { method, body: '{"delay_ms":60000}' });
    fetch(slack.apiUrl + '${METHOD}').catch(() => {});
    setTimeout(() => slack.close(), 50);`;
  const run = promisify(execFile);
  await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 5000 });
});

test('lists that are kept lose their oldest entries', () => {
  const list: number[] = [];
  for (let n = 0; n < 10_005; n++) keep(list, n);
  expect([list.length, list[0], list.at(-1)]).toEqual([10_000, 5, 10_004]);
});

/** Writes bytes to the server and waits until the connection is over. */
function writeRaw(port: number, bytes: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  socket.resume();
  socket.end(bytes);
  return promise;
}

test('bytes that are no HTTP do not bring it down', async () => {
  slack = await startSlack();
  const heads = [
    'GET //[ HTTP/1.1\r\nHost: x\r\n\r\n',
    `GET http://[::bad/api/${METHOD} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /sandbox/world HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
    'POST /api/auth.test HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nshort',
    'POST /api/auth.test HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
  ];
  for (const head of heads) await writeRaw(slack.port, Buffer.from(head));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) =>
      writeRaw(slack.port, Buffer.from(bytes)),
    ),
    { numRuns: 200 },
  );
  expect(await slack.inviteJson()).toMatchObject({ ok: true });
}, 30_000);

test('a few thousand requests of all shapes are all answered, by 200, 400, 404, 405 or 429', async () => {
  slack = await startSlack({ ratePerMinute: 100_000, capacity: 100_000 });
  const error = vi.spyOn(console, 'error');
  const json = fc.json({ maxDepth: 3 });
  const argument = fc.constantFrom(
    'token',
    'channel',
    'emails',
    'user_ids',
    'external_limited',
    '__proto__',
    'a[]',
  );
  const value = fc.oneof(
    fc.string(),
    json,
    fc.constantFrom('C0PARTNER01', 'a@b.co', TOKEN, '%', '["'),
  );
  const fields = fc.array(fc.tuple(argument, value), { maxLength: 5 });
  const form = fields.map((pairs) => pairs.map(([name, text]) => `${name}=${text}`).join('&'));
  const object = fields.map((pairs) => JSON.stringify(Object.fromEntries(pairs)));
  const loose = fc.array(fc.tuple(argument, fc.jsonValue({ maxDepth: 2 })));
  const typed = loose.map((pairs) => JSON.stringify(Object.fromEntries(pairs)));

  const request = fc.record({
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constant(`/api/${METHOD}`) },
      fc.constantFrom('/api/auth.test', '/sandbox/faults', '/sandbox/world', '/sandbox/reset'),
      fc.webPath(),
    ),
    query: fc.oneof(fc.constant(''), form.map(encodeURI), fc.webQueryParameters()),
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
    body: fc.oneof(form, object, typed, json, fc.string(), fc.constant('--b\r\n\r\n--b--')),
  });

  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, method, type, authorization, body }) => {
      const response = await fetch(`${slack.url}${path}?${query}`, {
        method,
        headers: { 'content-type': type, authorization },
        ...(method === 'GET' || method === 'HEAD' ? {} : { body: new TextEncoder().encode(body) }),
        redirect: 'manual',
      });
      await response.arrayBuffer();
      expect([200, 400, 404, 405, 429]).toContain(response.status);
    }),
    { numRuns: 3000 },
  );
  expect(error).not.toHaveBeenCalled();
  await slack.sandbox('reset', {});
  expect(await slack.inviteJson()).toMatchObject({ ok: true });
}, 60_000);
