import { type Delivery, headerOf, MAX_BODY_BYTES, UnreadableDelivery } from './delivery.ts';
import { readEvents, type WebhookEvent } from './events.ts';
import type { Auth, Provider } from './provider.ts';
import { PROVIDERS, type ProviderName } from './providers.ts';
import type { DeliveryInvocation, Receive, Received } from './receive.ts';
import type { Secrets } from './secrets.ts';
import type { HrSource } from './source.ts';
import { isAboutSecrets, type Refusal, verify } from './verify.ts';

/** What a delivery came to: the answer, and what there is to tell of it. */
export type DeliveryResult =
  | { reply: Reply; refused: DeliveryRefusal }
  | { reply: Reply; received?: Received[] }
  /** The error that answers it, what was dealt with all the same, and how many events were not. */
  | { failure: unknown; received: Received[]; unfinished: number };

export type DeliveryRefusal =
  | Refusal
  | 'body_too_large'
  | 'unknown_source'
  | 'not_a_handshake'
  | UnreadableDelivery['code'];

export type Door = (
  source: string,
  delivery: Delivery,
  invocation: DeliveryInvocation,
) => Promise<DeliveryResult>;

type Ports = {
  sources: ReadonlyMap<string, HrSource>;
  secrets: Secrets;
  receive: Receive;
  now?: () => number;
};

/**
 * The order of the door: size, ping, signature, time window, challenge, and only then the payload.
 * Nothing is read out of a delivery that nobody has signed, and its sender learns nothing but 401. A
 * ping is the exception: see {@link isPing}.
 *
 * @throws InviteError where nobody can tell whether the delivery is genuine: the secret cannot be read.
 */
export const createDoor =
  ({ sources, secrets, receive, now = Date.now }: Ports): Door =>
  async (name, delivery, invocation) => {
    const source = sources.get(name);
    if (!source) return refusal('unknown_source', 404, 'Not Found');
    if (delivery.body.length > MAX_BODY_BYTES) {
      return refusal('body_too_large', 413, 'Content Too Large');
    }
    const provider = installedProvider(source.provider, source.auth);

    if (isPing(provider, delivery)) return { reply: OK };
    const verdict = await verifyWithNewest(secrets, name, provider, delivery, now());
    if (verdict !== 'verified') return refusal(verdict, 401, 'Unauthorized');
    const challenge = challengeReply(provider, delivery);
    if (challenge) return { reply: challenge };
    if (delivery.method === 'GET') {
      return refusal('not_a_handshake', 405, 'Method Not Allowed', { allow: 'POST' });
    }

    let events: WebhookEvent[];
    try {
      events = readEvents(provider, delivery);
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      return refusal(error.code, 400, error.code);
    }
    const { received, failure } = await receive({ name, source }, events, invocation);
    return failure === undefined
      ? { reply: OK, received }
      : { failure, received, unfinished: events.length - received.length };
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
  if (!isAboutSecrets(verdict)) return verdict;
  const renewed = await secrets.renewed(name);
  return verify(auth, renewed.signing, delivery, now);
};

const refusal = (
  refused: DeliveryRefusal,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): DeliveryResult => ({
  reply: {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message }),
  },
  refused,
});

/** A provider as one source has it: how its deliveries prove themselves is settled. */
export type InstalledProvider = Provider & { auth: Auth };

/**
 * @param ownAuth the operator's description, for a provider that leaves it to the operator.
 * @throws Error if there is none.
 */
export const installedProvider = (name: ProviderName, ownAuth?: Auth): InstalledProvider => {
  const provider = PROVIDERS[name];
  const auth = provider.auth === 'operator' ? ownAuth : provider.auth;
  if (!auth) throw new Error(`a source of the provider "${name}" needs auth`);
  return { ...provider, auth };
};

export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What every provider takes for a success. */
export const OK: Reply = { status: 200, headers: {}, body: '' };

/**
 * Whether a sender only makes sure of the address. A ping is one of a few known bodies, byte for
 * byte. It comes before its sender has shown the operator a secret, and changes nothing: that is why
 * it is answered before anything is verified.
 */
const isPing = ({ handshake }: Provider, delivery: Delivery): boolean =>
  handshake?.method === 'POST' &&
  delivery.method === 'POST' &&
  handshake.bodies.some((body) => delivery.body.equals(Buffer.from(body)));

/** Printable ASCII without a comma: Node joins a header that was sent twice with one. */
const CHALLENGE = /^[!-+\--~]{1,512}$/;

/**
 * @returns the answer to the challenge of a verified sender, or undefined where there is none: a
 *   verified GET that is not a challenge is rejected.
 */
const challengeReply = ({ handshake }: Provider, delivery: Delivery): Reply | undefined => {
  if (handshake?.method !== 'GET' || delivery.method !== 'GET') return undefined;
  const challenge = headerOf(delivery, handshake.header);
  if (challenge === undefined || !CHALLENGE.test(challenge)) return undefined;
  return {
    ...OK,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [handshake.key]: challenge }),
  };
};
