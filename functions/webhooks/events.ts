import { createHash } from 'node:crypto';
import { type Delivery, headerOf, UnreadableDelivery } from './delivery.ts';
import { parseBody } from './parse.ts';
import { textAt, valueAt } from './path.ts';
import type { Provider } from './provider.ts';

/** A webhook that collects what changed, after an import, has hundreds; rules are tried on each. */
const MAX_EVENTS = 1000;

/** One thing that a sender says happened. */
export type WebhookEvent = {
  /** The event: one element where the provider sends several at once, otherwise the whole body. */
  payload: unknown;
  body: unknown;
  /** The same for every delivery of the same event; see {@link WebhookEvent.identity}. */
  id: string;
  /**
   * What the id is made of. `content`: neither an id nor a time is in it, so a later event of the
   * same content would have the same id, and must not be forgotten over the earlier one for ever.
   */
  identity: 'event_id' | 'content_and_time' | 'content';
  /** The person's id in the HR system. */
  subject?: string;
  type?: string;
};

/**
 * Reads the events out of a verified delivery.
 * @returns none for a ping, a simulation and an empty list.
 * @throws UnreadableDelivery
 */
export const readEvents = (provider: Provider, delivery: Delivery): WebhookEvent[] => {
  const body = parseBody(provider, delivery);
  const { eventsPath, ignore = [] } = provider;
  if (ignore.some(({ path, equals }) => valueAt(body, path) === equals)) return [];

  const list = eventsPath === undefined || Array.isArray(body) ? body : valueAt(body, eventsPath);
  const payloads = Array.isArray(list) ? list : [body];
  if (payloads.length > MAX_EVENTS) throw new UnreadableDelivery('too_many_events');

  return payloads.map((payload) => {
    const subject = textAt(payload, provider.subject ?? []);
    const type = textAt(payload, provider.type ?? []);
    const facts = {
      payload,
      body,
      ...(subject !== undefined && { subject }),
      ...(type !== undefined && { type }),
    };
    return { ...facts, ...identify(provider, delivery, facts, payloads.length === 1) };
  });
};

/**
 * The event's own id, type and subject, or else its content. The content holds the subject and, where the provider
 * sends one, the time, and tells two events of the same second apart. An event without a time is
 * dated by the delivery's signed timestamp.
 */
const identify = (
  provider: Provider,
  delivery: Delivery,
  { payload, subject, type }: Omit<WebhookEvent, 'id' | 'identity'>,
  isAlone: boolean,
): Pick<WebhookEvent, 'id' | 'identity'> => {
  const own = ownIdOf(provider, delivery, payload);
  if (own) {
    // As it is, where it is harmless in a key and a log: the sender's support wants it.
    const name = /^[\w.:-]{1,128}$/.test(own.id) ? own.id : hash(own.id);
    // A provider may give every event of one action the same id, and a header is that of all events
    // of its delivery.
    const told = own.isOfDelivery && !isAlone ? [type, subject, payload] : [type, subject];
    return { id: `event:${name}:${hash(told)}`, identity: 'event_id' };
  }
  if (textAt(payload, provider.time ?? []) !== undefined) {
    return { id: `content:${hash(payload)}`, identity: 'content_and_time' };
  }
  const sent = signedTimestamp(provider, delivery);
  return sent === undefined
    ? { id: `content:${hash(payload)}`, identity: 'content' }
    : { id: `dated:${hash([sent, payload])}`, identity: 'content_and_time' };
};

const ownIdOf = ({ eventId = [] }: Provider, delivery: Delivery, payload: unknown) => {
  for (const place of eventId) {
    const isOfDelivery = typeof place !== 'string';
    const id = isOfDelivery ? headerOf(delivery, place.header) : textAt(payload, [place]);
    if (id !== undefined) return { id, isOfDelivery };
  }
  return undefined;
};

const signedTimestamp = ({ auth }: Provider, delivery: Delivery): string | undefined => {
  if (auth === 'operator' || !('hmac' in auth)) return undefined;
  const { signed, timestamp } = auth.hmac;
  const isSigned = signed.some(
    (part) => typeof part === 'object' && 'header' in part && part.header === timestamp?.header,
  );
  return timestamp && isSigned ? headerOf(delivery, timestamp.header) : undefined;
};

const hash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 32);
