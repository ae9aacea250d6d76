import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A server somewhere else, as far away as a round trip takes. */
export type Relay = { url: URL; close(): void };

/**
 * Stands before a server and lets each byte travel for half a round trip. The first bytes of a
 * connection come a whole one later, which is what it takes to open a connection there.
 * @param rttMs a round trip, in milliseconds.
 */
export const startRelay = async (target: URL, rttMs: number): Promise<Relay> => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    const opened = performance.now() + rttMs;
    travel(near, far, rttMs / 2, opened);
    travel(far, near, rttMs / 2, opened);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${target.protocol}//${target.hostname}:${port}`),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** Before a time that a timer would miss by its own coarseness, it is looked at in every turn. */
const COARSE_MS = 1.5;

const travel = (from: Socket, to: Socket, ms: number, opened: number): void => {
  const under: { at: number; arrive: () => void }[] = [];
  let waiting = false;

  const deliver = () => {
    waiting = false;
    while (under[0] && under[0].at <= performance.now()) under.shift()?.arrive();
    if (!under[0]) return;
    waiting = true;
    const left = under[0].at - performance.now();
    if (left > COARSE_MS) setTimeout(deliver, left - COARSE_MS);
    else setImmediate(deliver);
  };
  const send = (arrive: () => void) => {
    under.push({ at: Math.max(performance.now(), opened) + ms, arrive });
    if (!waiting) deliver();
  };

  from.on('data', (chunk) => send(() => to.write(chunk)));
  from.on('close', () => send(() => to.destroy()));
};
