import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type HostileServer = {
  port: number;
  /** Every byte that arrived, one string a connection. */
  received: string[];
  /** Connections that are open now. */
  open: () => number;
};

type Behaviour = {
  /** What the server does to a connection at once; left out: nothing. */
  onConnection?: (socket: Socket) => void;
  /** What it does when it has read one whole request; left out: nothing, for ever. */
  onRequest?: (socket: Socket) => void;
};

/** A server on this machine that does to each connection what the test says. */
export const startHostileServer = async (behaviour: Behaviour): Promise<HostileServer> => {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createServer((socket) => {
    const index = received.push('') - 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // a reset is what many tests are about
    behaviour.onConnection?.(socket);
    socket.on('data', (chunk) => {
      received[index] += chunk.toString('latin1');
      if (isWhole(received[index] ?? '')) behaviour.onRequest?.(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, received, open: () => sockets.size };
};

/** A server that gives every request the same answer. */
export const startAnsweringServer = (answer: string): Promise<HostileServer> =>
  startHostileServer({ onRequest: (socket) => void socket.write(answer) });

/** An HTTP answer as it goes over the wire; its length is told unless the headers tell another. */
export const httpAnswer = (
  status: number,
  body: string,
  headers: Record<string, string | number> = {},
): string => {
  const all = { 'content-type': 'application/json', 'content-length': body.length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n${body}`;
};

const isWhole = (text: string): boolean => {
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return end >= 0 && text.length >= end + 4 + length;
};
