import type { IncomingMessage } from 'node:http';

/** Slack publishes no limit for this method; its longest sensible call is far below 1 kB. */
export const MAX_BODY_BYTES = 64 * 1024;

const BODY_TIMEOUT_MS = 10_000;

/** The bytes of a request, `complete` when all of them came and fitted. */
export type Body = { bytes: Buffer; complete: boolean };

/**
 * Reads the body, at most `MAX_BODY_BYTES` of it and for at most 10 s. What is beyond is read and
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
    resolve({ bytes: Buffer.concat(chunks), complete });
  };
  const timer = setTimeout(() => finish(false), BODY_TIMEOUT_MS);

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
