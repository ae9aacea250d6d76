import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on 127.0.0.1 that ends at once. */
export type Listening = { port: number; url: string; close: () => Promise<void> };

/**
 * Starts a server on 127.0.0.1 that no foreign web page reaches.
 * @param port 0 for a free one
 * @throws Node's EADDRINUSE error, whose message and `port` name the port
 */
export async function listen(server: Server, port: number): Promise<Listening> {
  refuseForeignPages(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const actual = (server.address() as AddressInfo).port;
  const closed = new Promise((resolve) => server.once('close', resolve));
  return {
    port: actual,
    url: `http://127.0.0.1:${actual}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Answers the requests that a foreign page makes through somebody's browser, before any listener of
 * the server sees them, those included which are added later.
 */
function refuseForeignPages(server: Server): void {
  const emit = server.emit.bind(server);
  server.emit = (event: string, ...given: unknown[]) => {
    if (event !== 'request') return emit(event, ...given);
    const [{ headers }, response] = given as [IncomingMessage, ServerResponse];
    const message = foreign(headers);
    if (message === undefined) return emit(event, ...given);
    // Its body is not read, and must not be taken for the next request.
    response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify({ message })}\n`);
    return true;
  };
}

/**
 * Whose names a browser gives to this machine. Any port will do: it is another one where somebody
 * forwards it, as `ssh -L` does, and no page can choose what a browser writes into `host`.
 */
const OWN_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/i;

/**
 * Everything in a browser can reach this machine. A name of somebody's own that leads here (DNS
 * rebinding) gives itself away by `host`, and any other page by what browsers add to its requests.
 * Programs add neither.
 * @returns why the request is refused and what to do, undefined if it is not
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
function foreign({ host = '', origin, ...headers }: IncomingHttpHeaders): string | undefined {
  if (!OWN_HOST.test(host)) {
    return 'The local run answers only to its own Host, 127.0.0.1 or localhost. Use one of them in the address. A tunnel or a proxy must write it into Host';
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return 'The local run takes no requests from pages of another Origin. Make the request from its own page, or from a program, which sends no Origin';
  }
  if (headers['sec-fetch-site'] === 'cross-site') {
    return 'The local run takes no requests from pages of another site (Sec-Fetch-Site: cross-site). Type or paste the address instead of following a link to it';
  }
  return undefined;
}

/** The body, or undefined if it is longer than `limit` bytes. The rest is read and dropped. */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}
