import { type Delivery, MAX_BODY_BYTES } from '../webhooks/delivery.ts';
import { readEvents, type WebhookEvent } from '../webhooks/events.ts';
import { handshake, type Reply } from '../webhooks/handshake.ts';
import { type InstalledProvider, installedProvider } from '../webhooks/installed-provider.ts';
import type { Received } from '../webhooks/receive.ts';
import type { Secrets } from '../webhooks/secrets.ts';
import type { Source } from '../webhooks/source.ts';
import { UnreadableDelivery } from '../webhooks/unreadable-delivery.ts';
import { type Refusal, verify } from '../webhooks/verify.ts';

/** What a delivery came to: the answer, and what there is to tell of it. */
export type Outcome = {
  reply: Reply;
  refused?: Refusal | 'unknown_source' | 'not_a_handshake' | UnreadableDelivery['code'];
  received?: Received[];
};

type Ports = {
  sources: ReadonlyMap<string, Source>;
  secrets: Secrets;
  receive(name: string, source: Source, event: WebhookEvent): Promise<Received>;
  now?: () => number;
};

/** Events of one delivery that are kept at the same time: a hundred of them fit into a second. */
const AT_ONCE = 10;

/**
 * The order of the door: size, signature, time window, handshake, and only then the payload. Nothing
 * is read out of a delivery that nobody has signed, and its sender learns nothing but 401.
 *
 * @throws InviteError where an event could not be kept: then it has to be delivered again.
 */
export const createDoor =
  ({ sources, secrets, receive, now = Date.now }: Ports) =>
  async (name: string, delivery: Delivery): Promise<Outcome> => {
    const source = sources.get(name);
    if (!source) return { reply: plain(404, 'Not Found'), refused: 'unknown_source' };
    if (delivery.body.length > MAX_BODY_BYTES) {
      return { reply: plain(413, 'Payload Too Large'), refused: 'body_too_large' };
    }
    const provider = installedProvider(source.provider, source.auth);

    const ping = handshake(provider, delivery, false);
    if (ping) return { reply: ping };
    const verdict = await verifyWithNewest(secrets, name, provider, delivery, now());
    if (verdict !== 'verified') return { reply: plain(401, 'Unauthorized'), refused: verdict };
    const challenge = handshake(provider, delivery, true);
    if (challenge) return { reply: challenge };
    if (delivery.method === 'GET') {
      return { reply: plain(405, 'Method Not Allowed'), refused: 'not_a_handshake' };
    }

    let events: WebhookEvent[];
    try {
      events = readEvents(provider, delivery);
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      return { reply: plain(400, error.code), refused: error.code };
    }
    const received: Received[] = [];
    for (let next = 0; next < events.length; next += AT_ONCE) {
      const some = events.slice(next, next + AT_ONCE);
      // All of them have ended before the answer: nothing runs on in a later invocation.
      const ended = await Promise.allSettled(some.map((event) => receive(name, source, event)));
      for (const one of ended) {
        if (one.status === 'rejected') throw one.reason;
        received.push(one.value);
      }
    }
    return { reply: { status: provider.ok, headers: {}, body: '' }, received };
  };

/** A secret that was put in a moment ago may not be among the known ones. */
const verifyWithNewest = async (
  secrets: Secrets,
  name: string,
  { auth }: InstalledProvider,
  delivery: Delivery,
  now: number,
) => {
  const { signing } = await secrets.of(name);
  const verdict = verify(auth, signing, delivery, now);
  if (!['no_secret', 'bad_signature', 'bad_credentials'].includes(verdict)) return verdict;
  const renewed = await secrets.renewed(name);
  return verify(auth, renewed.signing, delivery, now);
};

const plain = (status: number, message: string): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});
