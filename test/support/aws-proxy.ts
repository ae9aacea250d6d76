import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One operation on its way to a service, or on its way back; `body` is the request's. */
export type Step = { operation: string; when: 'before' | 'after'; body: string };

/**
 * Stands between a function and AWS. `at` is asked at each step of each operation; when it
 * says so, the exchange ends there, for somebody who died in the middle of it, or it stalls there:
 * before the answer, or, on the way back, behind the answer's head.
 */
export const startAwsProxy = async (
  awsUrl: string,
  at: (step: Step) => boolean | 'stall',
): Promise<{ url: string; close(): Promise<void> }> => {
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    if (!body) return;
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const step = { operation, body: body.toString() };
    const verdict = at({ ...step, when: 'before' });
    if (verdict === 'stall') return;
    if (verdict) return end();

    // The headers stay as they were signed, `host` included.
    const forwarded = request(awsUrl, { method: 'POST', headers: incoming.headers }, (answer) => {
      const verdict = at({ ...step, when: 'after' });
      if (verdict === true) {
        answer.resume();
        end();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (verdict === 'stall') outgoing.flushHeaders();
      else answer.pipe(outgoing);
    });
    forwarded.end(body);
  });
  // Whatever else the dead had sent is lost with them: on a busy machine they had begun to repeat it.
  const end = () => server.closeAllConnections();
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

/** @returns undefined if the connection ended before. */
const bodyOf = async (incoming: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
};
