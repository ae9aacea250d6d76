import { ownError } from '../errors/invite-error.ts';
import {
  type Delivery,
  headerOf,
  inflated,
  MAX_BODY_BYTES,
  UnreadableDelivery,
} from './delivery.ts';
import { headersForRules, identifiedEvents, isRecent, readPayloads } from './events.ts';
import type { Sandbox } from './expression.ts';
import type { DeliveryInvocation } from './keep-event.ts';
import { parseBody } from './parse.ts';
import { type Provider, textAt } from './provider.ts';
import type { Received, ReceivedEvents } from './receive.ts';
import type { Receive } from './receive-parts.ts';
import { type Secrets, withNewest } from './secrets.ts';
import { type HrSource, type InstalledProvider, installedProvider } from './source.ts';
import { type AuthRefusal, genuineOf, verify } from './verify.ts';

/** What a delivery came to: the answer, and what there is to tell of it. */
export type DeliveryResult =
  | { reply: Reply; refused: DeliveryRefusal }
  | ({ reply: Reply; received?: Received[]; unstarted?: ReceivedEvents['unstarted'] } & Beside)
  /** The error that answers it, what was dealt with all the same, and how many events were not. */
  | ({
      failure: unknown;
      received: Received[];
      unfinished: number;
      unstarted?: ReceivedEvents['unstarted'];
    } & Beside);

/** How many events beside them lack the secret, or are older than their source allows. */
type Beside = { foreign?: number; tooOld?: number };

export type DeliveryRefusal =
  | AuthRefusal
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
  sandbox: Pick<Sandbox, 'list'>;
  receive: Receive;
  now?: () => number;
};

/** Of a body that is parsed before anything of it is believed; a notification has some 500 bytes. */
const MAX_UNPROVEN_BYTES = 512 * 1024;

/**
 * The order of the door: size, greeting, signature, time window, challenge, and only then the
 * payload. Nothing is read out of a delivery that nobody has signed, and its sender learns nothing
 * but 401, which sources there are included. A greeting is the one exception, see
 * {@link unsignedGreeting}, and a secret that stands in the events is the other: then the body is
 * parsed to find it.
 *
 * @throws InviteError where nobody can tell whether the delivery is genuine: the secret cannot be read.
 */
export const createDoor = ({ sources, secrets, sandbox, receive, now = Date.now }: Ports): Door => {
  /** What is believed of a delivery as a whole, or why nothing is. */
  const believed = async (
    name: string,
    { auth }: InstalledProvider,
    delivery: Delivery,
  ): Promise<'verified' | AuthRefusal> => {
    if ('body' in auth) return 'verified';
    const attempt = (known: readonly string[]) => {
      const verdict = verify(auth, known, delivery, now());
      return verdict === 'bad_signature' ? verifyInflated(auth, known, delivery, now()) : verdict;
    };
    return withNewest(secrets, name, attempt);
  };

  /** The events in a delivery that is believed. */
  const eventsOf = async (
    name: string,
    provider: InstalledProvider,
    delivery: Delivery,
    body: object,
  ) => {
    const headers = headersForRules(provider, delivery);
    const payloads = readPayloads(provider, body, headers, sandbox.list);
    const { auth } = provider;
    if (!('body' in auth)) {
      return { events: identifiedEvents(provider, delivery, body, payloads), foreign: 0 };
    }
    const genuine = await withNewest(secrets, name, (known) =>
      genuineOf(auth.body, known, payloads),
    );
    if (typeof genuine === 'string') return genuine;
    const events = identifiedEvents(provider, delivery, body, genuine);
    return { events, foreign: payloads.length - events.length };
  };

  return async (name, delivery, invocation) => {
    if (delivery.body.length > MAX_BODY_BYTES) return refusal('body_too_large', 413);
    const source = sources.get(name);
    if (!source) return refusal('unknown_source', 401);
    const provider = installedProvider(source);

    const greeting = unsignedGreeting(provider, delivery);
    if (greeting) return { reply: greeting };
    const isUnproven = 'body' in provider.auth;
    if (isUnproven && delivery.body.length > MAX_UNPROVEN_BYTES) {
      return refusal('body_too_large', 401);
    }
    const verdict = await believed(name, provider, delivery);
    if (verdict !== 'verified') return refusal(verdict, 401);
    const challenge = challengeReply(provider, delivery);
    if (challenge) return { reply: challenge };
    if (delivery.method === 'GET') return refusal('not_a_handshake', 405, { allow: 'POST' });

    try {
      const body = await parseBody(provider, isUnproven ? delivery : inflated(delivery));
      const bodyChallenge = bodyChallengeReply(provider, body);
      if (bodyChallenge) return { reply: bodyChallenge };
      const found = await eventsOf(name, provider, delivery, body);
      if (typeof found === 'string') return refusal(found, 401);
      const { maxAge } = source;
      const events = found.events.filter((event) => isRecent(event, maxAge, now()));
      const tooOld = found.events.length - events.length;
      const { foreign } = found;
      const rest = { ...(foreign && { foreign }), ...(tooOld > 0 && { tooOld }) };
      if (maxAge !== undefined && tooOld > 0 && events.length === 0) {
        const failure = ownError('event_too_old', { seconds: maxAge });
        return { failure, received: [], unfinished: 0, ...rest };
      }
      const { failure, ...kept } = await receive({ name, source }, events, invocation);
      return failure === undefined
        ? { reply: OK, ...kept, ...rest }
        : { failure, ...kept, unfinished: events.length - kept.received.length, ...rest };
    } catch (error) {
      if (!(error instanceof UnreadableDelivery)) throw error;
      return refusal(error.code, isUnproven ? 401 : error.status);
    }
  };
};

/** Some senders sign what they compress, and not what they send. */
const verifyInflated = (...[auth, known, delivery, now]: Parameters<typeof verify>) => {
  try {
    const plain = inflated(delivery);
    return plain === delivery ? 'bad_signature' : verify(auth, known, plain, now);
  } catch (error) {
    if (error instanceof UnreadableDelivery) return 'bad_signature';
    throw error;
  }
};

/** A sender that has proved who it is hears what is wrong; nobody else does. */
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
};

const refusal = (
  refused: DeliveryRefusal,
  status: number,
  headers: Record<string, string> = {},
): DeliveryResult => ({
  reply: {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message: MESSAGES[status] ?? refused }),
  },
  refused,
});

export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What every provider takes for a success. */
export const OK: Reply = { status: 200, headers: {}, body: '' };

/**
 * The answer to a sender that makes sure of the address before it has shown the operator a secret.
 * It changes nothing, and tells what it was told: that is why it comes before anything is verified.
 *
 * @returns undefined where the delivery is no such greeting.
 */
const unsignedGreeting = ({ handshake }: Provider, delivery: Delivery): Reply | undefined => {
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
const challengeReply = ({ handshake }: Provider, delivery: Delivery): Reply | undefined => {
  if (!handshake || !('key' in handshake) || delivery.method !== 'GET') return undefined;
  const challenge = headerOf(delivery, handshake.header);
  if (challenge === undefined || !CHALLENGE.test(challenge)) return undefined;
  return json({ [handshake.key]: challenge });
};

/** @returns the answer to the challenge in a verified body, or undefined where there is none. */
const bodyChallengeReply = ({ handshake }: Provider, body: object): Reply | undefined => {
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
