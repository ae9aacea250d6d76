import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Slack publishes no limit for this method; its longest sensible call is far below 1 kB. */
export const MAX_BODY_BYTES = 64 * 1024;

const BODY_TIMEOUT_MS = 10_000;

/** The bytes of a request, `complete` when all of them came and fitted. */
export type Body = { bytes: Buffer; complete: boolean };

/** The answer on a connection whose other side ended too early. */
const readers = new WeakMap<Duplex, () => void>();

/**
 * Reads the body, at most `MAX_BODY_BYTES` of it and for at most 10 s. The rest is read and
 * dropped, since a client that is still writing would not see an answer.
 *
 * @throws when the connection broke before the body was there.
 */
export function readBody(request: IncomingMessage): Promise<Body> {
  const { promise, resolve, reject } = Promise.withResolvers<Body>();
  const chunks: Buffer[] = [];
  let size = 0;

  const finish = (complete: boolean) => {
    clearTimeout(timer);
    readers.delete(request.socket);
    resolve({ bytes: Buffer.concat(chunks), complete });
  };
  const timer = setTimeout(() => finish(false), BODY_TIMEOUT_MS);
  readers.set(request.socket, () => finish(false));

  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => finish(size <= MAX_BODY_BYTES));
  request.on('close', () => {
    clearTimeout(timer);
    reject(new Error('the connection broke before the request was complete'));
  });
  return promise;
}

/**
 * Takes the `clientError` of a server. If a body ends before its length, somebody still waits for
 * the answer. Anything else that is not HTTP gets Node's own answer.
 */
export function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const truncated = error.code === 'HPE_INVALID_EOF_STATE' && readers.get(socket);
  if (truncated) truncated();
  else if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else {
    const answer = `HTTP/1.1 ${statusOf(error.code)}\r\nConnection: close\r\n\r\n`;
    socket.end(answer, () => socket.destroy());
  }
}

const statusOf = (code: string | undefined) =>
  code === 'HPE_HEADER_OVERFLOW'
    ? '431 Request Header Fields Too Large'
    : code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : '400 Bad Request';
