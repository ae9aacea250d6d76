import { type Delivery, headerOf } from './delivery.ts';
import type { Provider } from './provider.ts';

export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What every provider takes for a success. */
export const OK: Reply = { status: 200, headers: {}, body: '' };

/** Printable ASCII without a comma: a header given twice is no challenge. */
const CHALLENGE = /^[!-+\--~]{1,512}$/;

/**
 * Answers a sender that makes sure of the address. It is asked twice, before the delivery is
 * verified and after: a challenge is answered to a verified sender only, while a ping is one of a
 * few known bodies, comes before its sender has shown the operator a secret, and changes nothing.
 *
 * @returns undefined if the delivery is no handshake, or not yet to be answered. A GET that is
 *   still unanswered when it is verified is no request that the provider makes.
 */
export const handshake = (
  { handshake: row }: Provider,
  delivery: Delivery,
  verified: boolean,
): Reply | undefined => {
  if (row?.method !== delivery.method) return undefined;
  if (row.method === 'POST') {
    const isPing = row.bodies.some((body) => delivery.body.equals(Buffer.from(body)));
    return isPing ? OK : undefined;
  }
  const challenge = headerOf(delivery, row.header);
  if (!verified || challenge === undefined || !CHALLENGE.test(challenge)) return undefined;
  return {
    ...OK,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [row.key]: challenge }),
  };
};
