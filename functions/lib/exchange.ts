import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import buildConnector from 'undici/lib/core/connect.js';
import symbols from 'undici/lib/core/symbols.js';
import Client from 'undici/lib/dispatcher/client.js';

/** An answer as it came. */
export type HttpAnswer = {
  status: number;
  /** Lower-case names; a header that came twice has its first value here. */
  headers: Record<string, string>;
  body: Buffer;
};

type HttpRequest = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
};

/**
 * A request without an answer. `sent` is the one thing that matters: whether bytes of it may have
 * reached the other side. `reason` is one of a few fixed words, and `code` the system's, such as
 * `ENOTFOUND`; neither is ever what the other side wrote.
 */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly sent: boolean;
  readonly reason: 'unreachable' | 'timeout' | 'connection_lost' | 'too_large';
  readonly code: string | undefined;

  constructor(sent: boolean, reason: NoAnswer['reason'], code?: string) {
    super(`no answer: ${reason}${code ? ` (${code})` : ''}`);
    this.sent = sent;
    this.reason = reason;
    this.code = code;
  }
}

/** Far more than any answer that is waited for here; a longer answer is treated as no answer. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The connection of one request. */
export type Connection = { readonly client: Client; close(): void };

/**
 * Keeps TLS sessions, by which the next connection to the same host is opened in half the time, and one
 * context for all: each would make its own otherwise.
 */
let openSocket: ReturnType<typeof buildConnector> | undefined;
const connectorFor = (protocol: string) =>
  buildConnector({
    allowH2: false,
    timeout: 0,
    ...(protocol === 'https:' && { secureContext: createSecureContext() }),
  });

/** What a connection is closed with. An error of its own for each would cost a stack trace. */
const CLOSED = new Error('closed');

/**
 * Opens the connection of a request ahead of it: name, TCP and TLS take two round trips and more. One
 * that does not come about, or ends before the request, is opened anew for it.
 */
export const connect = ({ origin }: URL): Connection => {
  let socket: Socket | undefined;
  const client = new Client(origin, {
    allowH2: false,
    pipelining: 1,
    maxResponseSize: MAX_ANSWER_BYTES,
    // One timer covers it all: undici's own have half a second of resolution.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, connected) => {
      openSocket ??= connectorFor(options.protocol);
      socket = openSocket(options, connected);
    },
  });
  // undici itself has this for its tests, and no other way to connect before there is a request.
  client[symbols.kConnect](() => undefined);
  return {
    client,
    close() {
      client.destroy(CLOSED);
      socket?.destroy(); // undici would wait for one that never comes about
    },
  };
};

/**
 * Sends one request over a connection of its own. A pooled connection may have died while the
 * function was frozen, and a request written to a dead socket has an unknown outcome.
 * Redirects are not followed: an answer is whatever the named address says.
 *
 * @param timeoutMs from now until the whole answer is there.
 * @param connection closed at the end; left out: one that is opened now.
 * @throws NoAnswer, and undici's error for a request that cannot be written at all.
 */
export const exchange = async (
  url: URL,
  request: HttpRequest,
  timeoutMs: number,
  { client, close } = connect(url),
): Promise<HttpAnswer> => {
  let sent = false;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    close();
  }, timeoutMs);

  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Buffer[] = [];
    client.dispatch(
      { path: url.pathname + url.search, ...request },
      {
        // Called once the connection stands, right before the first byte is written.
        onRequestStart: () => {
          sent = true;
        },
        onResponseStart: (_controller, code, fields) => {
          status = code;
          headers = firstValues(fields);
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => resolve({ status, headers, body: Buffer.concat(chunks) }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });

  try {
    return await answer;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'UND_ERR_INVALID_ARG') throw error; // a defect of ours, not of the network
    if (timedOut) throw new NoAnswer(sent, 'timeout');
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') throw new NoAnswer(sent, 'too_large');
    throw new NoAnswer(sent, sent ? 'connection_lost' : 'unreachable', code);
  } finally {
    clearTimeout(timer);
    close();
  }
};

const firstValues = (fields: Record<string, string | string[] | undefined>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value[0] : value) ?? '',
    ]),
  );

/** What the system calls it, such as `ENOTFOUND`, `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
const codeOf = (error: unknown): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
};
