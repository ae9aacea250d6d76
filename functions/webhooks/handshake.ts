import { type Delivery, headerOf } from './delivery.ts';
import { type Provider, textAt } from './provider.ts';

export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What every provider takes for a success. */
export const OK: Reply = { status: 200, headers: {}, body: '' };

/**
 * The answer to a sender that makes sure of the address before it has shown the operator a secret.
 * It changes nothing, and tells what it was told: that is why it comes before anything is verified.
 *
 * @returns undefined where the delivery is no such greeting.
 */
export const unsignedGreeting = (
  { handshake }: Provider,
  delivery: Delivery,
): Reply | undefined => {
  if (!handshake) return undefined;
  // One of a few known bodies, byte for byte.
  if ('bodies' in handshake) {
    const isPing = handshake.bodies.some((body) => delivery.body.equals(Buffer.from(body)));
    return delivery.method === 'POST' && isPing ? OK : undefined;
  }
  if ('query' in handshake) {
    const token = delivery.query?.[handshake.query];
    return token !== undefined && TOKEN.test(token) ? plainText(token) : undefined;
  }
  if ('echo' in handshake && delivery.method === 'POST') {
    const value = headerOf(delivery, handshake.echo);
    // Should a sender have the header in its events too, they are not answered away.
    const isEmpty = delivery.body.length < 9 && /^\s*(\{\s*\})?\s*$/.test(String(delivery.body));
    if (value === undefined || !CHALLENGE.test(value) || !isEmpty) return undefined;
    return { ...OK, headers: { [handshake.echo]: value } };
  }
  return undefined;
};

/** A browser that was sent here must not take it for a page. */
const plainText = (body: string): Reply => ({
  ...OK,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});

/** Printable ASCII; Microsoft Graph's validation tokens have blanks and colons in them. */
const TOKEN = /^[ -~]{1,2048}$/;

/** Printable ASCII without a comma: Node joins a header that was sent twice with one. */
const CHALLENGE = /^[!-+\--~]{1,512}$/;

/** @returns the answer to the challenge of a verified sender's GET, or undefined where there is none. */
export const challengeReply = ({ handshake }: Provider, delivery: Delivery): Reply | undefined => {
  if (!handshake || !('key' in handshake) || delivery.method !== 'GET') return undefined;
  const challenge = headerOf(delivery, handshake.header);
  if (challenge === undefined || !CHALLENGE.test(challenge)) return undefined;
  return json({ [handshake.key]: challenge });
};

/** @returns the answer to the challenge in a verified body, or undefined where there is none. */
export const bodyChallengeReply = ({ handshake }: Provider, body: object): Reply | undefined => {
  if (!handshake || !('body' in handshake)) return undefined;
  const challenge = textAt(body, [handshake.body]);
  if (challenge === undefined || challenge.length > 2048) return undefined;
  return json({ [handshake.body.split('.').at(-1) as string]: challenge });
};

const json = (value: object): Reply => ({
  ...OK,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
