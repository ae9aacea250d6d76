import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on 127.0.0.1 that ends at once. */
export type Listening = { port: number; url: string; close: () => Promise<void> };

/**
 * Starts a server on 127.0.0.1.
 * @param port 0 for a free one
 * @throws Node's EADDRINUSE error, whose message and `port` name the port
 */
export async function listen(server: Server, port: number): Promise<Listening> {
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
