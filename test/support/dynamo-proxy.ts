import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One conditional write on its way to the table, or on its way back. */
export type Step = { operation: string; when: 'before' | 'after' };

/**
 * Stands between a function and the table. `at` is asked at each step of each operation; when it
 * says so, the exchange ends there, for somebody who died in the middle of it.
 */
export const startDynamoProxy = async (
  awsUrl: string,
  at: (step: Step & { body: string }) => boolean,
): Promise<{ url: string; close(): Promise<void> }> => {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const step = { operation, body: body.toString() };
    if (at({ ...step, when: 'before' })) return incoming.socket.destroy();

    // The headers stay as they were signed, `host` included.
    const forwarded = request(awsUrl, { method: 'POST', headers: incoming.headers }, (answer) => {
      if (at({ ...step, when: 'after' })) {
        answer.resume();
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
