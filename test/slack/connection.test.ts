import dns from 'node:dns';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSlackClient } from '../../functions/slack/client.ts';
import { httpAnswer, startHostileServer } from '../support/hostile-server.ts';
import { ACCEPTED, ARGUMENTS, invite, json, MARKER, resultOf, TOKEN } from './client.world.ts';

describe('outcome unknown, since the connection after the request was', () => {
  const lost = { kind: 'unknown', reason: 'connection_lost' };
  const end = (answer: string) => (socket: Socket) => void socket.end(answer);
  const body = json(ACCEPTED);

  test.each<[string, (socket: Socket) => void]>([
    ['reset', (socket) => void socket.resetAndDestroy()],
    ['closed', (socket) => void socket.end()],
    ['closed amid the headers', end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['closed before the announced length', end(httpAnswer(200, body, { 'content-length': 900 }))],
    [
      'closed amid a chunk',
      end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"ok"'),
    ],
    ['answered in another protocol', end(`${MARKER}\r\n\r\n`)],
    ['answered by an upgrade', end(`HTTP/1.1 101 No\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`)],
    ['answered by 100 Continue only', end('HTTP/1.1 100 Continue\r\n\r\n')],
    ['answered with endless headers', end(`HTTP/1.1 200 OK\r\nx: ${MARKER.repeat(4000)}\r\n\r\n`)],
    ['answered with two lengths', end(httpAnswer(200, body, { 'Content-Length': 3 }))],
  ])('%s', async (_name, onRequest) => {
    const server = await startHostileServer({ onRequest });
    expect(await invite(server.port)).toEqual(lost);
    expect(server.received).toHaveLength(1); // and never a second attempt
  });

  test('reset before the request was read to its end', async () => {
    const server = await startHostileServer({
      onConnection: (socket) => {
        socket.once('readable', () => {
          socket.read(1);
          socket.resetAndDestroy();
        });
      },
    });
    expect(await invite(server.port)).toEqual(lost);
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ['its length told', httpAnswer(200, json(ACCEPTED).padEnd(64 * 1024 + 1))],
    ['its length not told', `HTTP/1.1 200 OK\r\n\r\n${json(ACCEPTED).padEnd(64 * 1024 + 1)}`],
  ])('cut at 64 KiB of an answer, %s', async (_name, answer) => {
    expect(await resultOf(answer)).toEqual({ kind: 'unknown', reason: 'too_large' });
  });
});

describe('the deadline', () => {
  const TIMEOUT_MS = 250;
  const within = async (call: () => Promise<unknown>) => {
    const start = performance.now();
    const result = await call();
    const elapsed = performance.now() - start;
    expect(elapsed).toBeGreaterThan(TIMEOUT_MS - 20);
    // The other side never ends by itself, and the machine may be away for a while.
    expect(elapsed).toBeLessThan(TIMEOUT_MS + 5000);
    return result;
  };
  const drip = (head: string) => (socket: Socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(timer));
  };

  test.each<[string, (socket: Socket) => void]>([
    ['a hang', () => undefined],
    [
      'headers without a body',
      (socket) => void socket.write(httpAnswer(200, '', { 'content-length': 9 })),
    ],
    ['a body that drips', drip('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n')],
    ['headers that drip', drip('HTTP/1.1 200 OK\r\nx: ')],
    [
      'a body whose end never comes',
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n\r\n${json(ACCEPTED)}`),
    ],
  ])('ends %s, and the outcome is unknown', async (_name, onRequest) => {
    const server = await startHostileServer({ onRequest });
    const result = await within(() => invite(server.port, { timeoutMs: TIMEOUT_MS }));
    expect(result).toEqual({ kind: 'unknown', reason: 'timeout' });
    await vi.waitFor(() => expect(server.open()).toBe(0), 2000);
  });

  test('ends a TLS handshake that gets no answer, and its connection; nothing was sent', async () => {
    const server = await startHostileServer({});
    const result = await within(() =>
      invite(server.port, { scheme: 'https', timeoutMs: TIMEOUT_MS }),
    );
    expect(result).toEqual({ kind: 'not_sent', reason: 'timeout' });
    await vi.waitFor(() => expect(server.open()).toBe(0), 2000);
  });

  test('ends a name that nobody resolves; nothing was sent', async () => {
    stubLookup(() => undefined);
    expect(await within(() => inviteByName(TIMEOUT_MS))).toEqual({
      kind: 'not_sent',
      reason: 'timeout',
    });
  });
});

describe('certainly not sent', () => {
  const unreachable = { kind: 'not_sent', reason: 'unreachable' };

  test('a refused connection', async () => {
    expect(await invite(await closedPort())).toEqual({ ...unreachable, code: 'ECONNREFUSED' });
  });

  test('a name that does not resolve', async () => {
    stubLookup((_name, _options, done) => {
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${MARKER}`), { code: 'ENOTFOUND' }));
    });
    expect(await inviteByName()).toEqual({ ...unreachable, code: 'ENOTFOUND' });
  });

  test.each<[string, string, (socket: Socket) => void]>([
    ['closed', 'ECONNRESET', (socket) => void socket.end()],
    ['reset', 'ECONNRESET', (socket) => void socket.resetAndDestroy()],
    [
      'answered in plain HTTP',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      (socket) => void socket.end(httpAnswer(400, MARKER)),
    ],
  ])('a TLS handshake that is %s', async (_name, code, breakOff) => {
    const server = await startHostileServer({
      onConnection: (socket) => void socket.once('data', () => breakOff(socket)),
    });
    const result = await invite(server.port, { scheme: 'https' });
    expect(result).toEqual({ ...unreachable, code });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).not.toMatch(/POST|xoxb|partner/);
  });

  test('a TLS server that refuses the handshake', async () => {
    const server = createServer(); // without a certificate it has no cipher to offer
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await invite(port, { scheme: 'https' })).toEqual(unreachable);
  });
});

const inviteByName = (timeoutMs = 2000) =>
  createSlackClient(new URL('https://slack.invalid/api/')).inviteShared(
    TOKEN,
    ARGUMENTS,
    timeoutMs,
  );

type Lookup = (name: string, options: unknown, done: (error: Error) => void) => void;

/** No test asks a real name server. */
const stubLookup = (lookup: Lookup) => {
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(lookup as never);
  onTestFinished(() => spy.mockRestore());
};

/** A port on which nobody listens any more. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
