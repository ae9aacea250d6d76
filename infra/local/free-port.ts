import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Makes sure that a port can be had, before the seconds that a synthesis takes.
 * @throws Node's error (`EADDRINUSE`) if something listens there.
 */
export const assertFree = async (port: number): Promise<void> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening'); // rejects with the server's error
  server.close();
  await once(server, 'close');
};
