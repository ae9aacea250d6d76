import { createServer, type RequestListener, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Listening, listen } from '../../infra/local/lib/http.ts';

const listener = vi.fn<RequestListener>();
let server: Listening;
let own: string;
beforeAll(async () => {
  const bare = createServer();
  server = await listen(bare, 0);
  // As the local stack does, whose listeners need the address.
  bare.on('request', listener);
  own = `127.0.0.1:${server.port}`;
});
beforeEach(() => {
  listener.mockReset();
  listener.mockImplementation((_request, response) => response.end('seen'));
});
afterAll(() => server.close());

/** Node's own fetch would not send these headers. */
const send = async (headers: Record<string, string>, method = 'GET', body = '') => {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; body: string }>();
  const sent = request(server.url, { method, headers }, async (answer) =>
    resolve({ status: answer.statusCode as number, body: await text(answer) }),
  );
  sent.on('error', reject).end(body);
  return promise;
};

const expectSeen = async (headers: Record<string, string>, method?: string) =>
  expect(await send(headers, method)).toEqual({ status: 200, body: 'seen' });

const expectRefused = async (
  headers: Record<string, string>,
  message: RegExp,
  method?: string,
  body?: string,
) => {
  const answer = await send(headers, method, body);
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(message) });
  expect(listener).not.toHaveBeenCalled();
};

describe('Host', () => {
  test.each(['127.0.0.1', 'localhost', 'LocalHost', '127.0.0.1:3000', 'localhost:8080'])(
    '%s is this machine',
    async (host) => {
      await expectSeen({ host });
    },
  );

  test.each([
    'attacker.example',
    'attacker.example:3000',
    '127.0.0.1.attacker.example',
    'localhost.attacker.example',
    '127.0.0.1:3000@attacker.example',
    '0.0.0.0:3000',
  ])('%j is refused, with the reason and what to do', async (host) => {
    await expectRefused({ host }, /answers only to its own Host.*Use one of them/);
  });
});

describe('Origin', () => {
  test('of the page itself is taken, for every method', async () => {
    await expectSeen({ host: own, origin: `http://${own}` });
    const host = `localhost:${server.port}`;
    await expectSeen({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, 'POST');
  });

  test.each([
    ['of a web page', 'https://attacker.example'],
    ['of another server on this machine', 'http://127.0.0.1:1'],
    ['of this machine over HTTPS', 'https://OWN'],
    ['of a sandboxed frame or a file', 'null'],
  ])('%s is refused', async (_whose, origin) => {
    const headers = { host: own, origin: origin.replace('OWN', own) };
    await expectRefused(headers, /another Origin.*from a program/);
    await expectRefused(headers, /another Origin/, 'POST', '{"tokens":{}}');
    await expectRefused(headers, /another Origin/, 'OPTIONS');
  });
});

describe('Sec-Fetch-Site', () => {
  test('cross-site is refused, which an image or a link of a foreign page is', async () => {
    const headers = { host: own, 'sec-fetch-site': 'cross-site' };
    await expectRefused(headers, /Sec-Fetch-Site: cross-site.*Type or paste the address/);
    await expectRefused(headers, /Sec-Fetch-Site: cross-site/, 'POST', 'x'.repeat(100_000));
  });

  test.each([
    ['an address that somebody typed', 'none'],
    ['the page itself', 'same-origin'],
    ["a link from another port's page", 'same-site'],
  ])('%s is taken', async (_what, site) => {
    await expectSeen({ host: own, 'sec-fetch-site': site });
  });
});
