import { createHash } from 'node:crypto';
import { type Delivery, headerOf } from './delivery.ts';
import type { InstalledProvider } from './installed-provider.ts';
import { textAt } from './path.ts';
import type { HeaderPart } from './provider.ts';
import { signedValue } from './signatures.ts';

/** One thing that a sender says happened. */
export type WebhookEvent = {
  /** The event: one element where the provider sends several at once, otherwise the whole body. */
  payload: unknown;
  body: unknown;
  /** Those of the delivery but for the one that proves it; only the signed ones are anybody's word. */
  headers: Delivery['headers'];
  /**
   * The same for every delivery of the same event; see {@link WebhookEvent.identity}. Two people may
   * share it: whom a rule invites is part of what it takes, see `recordId`.
   */
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

/** @param payloads what happened, as `readPayloads` found it in the body. */
export const identified = (
  provider: InstalledProvider,
  delivery: Delivery,
  body: object,
  payloads: readonly unknown[],
): WebhookEvent[] => {
  const headers = headersForRules(provider, delivery);
  return payloads.map((payload) => {
    const subject = textAt(payload, provider.subject ?? []);
    const type = textAt(payload, provider.type ?? []);
    const facts = {
      payload,
      body,
      headers,
      ...(subject !== undefined && { subject }),
      ...(type !== undefined && { type }),
    };
    return { ...facts, ...identify(provider, delivery, facts, payloads.length === 1) };
  });
};

/** Without the header that proves the sender, which is a secret where nothing is signed. */
export const headersForRules = (
  { auth }: InstalledProvider,
  { headers }: Delivery,
): Delivery['headers'] => {
  const proof = 'header' in auth ? auth.header.name : 'authorization';
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== proof));
};

/**
 * The event's own id, type and subject, or else its content. The content holds the subject and,
 * where the provider sends one, the time, and tells two events of the same second apart. An event
 * without a time is dated by the delivery's signed timestamp.
 */
const identify = (
  provider: InstalledProvider,
  delivery: Delivery,
  { payload, subject, type }: Pick<WebhookEvent, 'payload' | 'subject' | 'type'>,
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

const ownIdOf = ({ eventId = [] }: InstalledProvider, delivery: Delivery, payload: unknown) => {
  for (const place of eventId) {
    const isOfDelivery = typeof place !== 'string';
    const id = isOfDelivery ? headerOf(delivery, place.header) : textAt(payload, [place]);
    if (id !== undefined) return { id, isOfDelivery };
  }
  return undefined;
};

const signedTimestamp = ({ auth }: InstalledProvider, delivery: Delivery): string | undefined => {
  if (!('hmac' in auth)) return undefined;
  const { signed, timestamp } = auth.hmac;
  const isTimestamp = ({ header, part }: HeaderPart) =>
    header === timestamp?.header && part === timestamp.part;
  const isSigned = signed.some(
    (part) => typeof part === 'object' && 'header' in part && isTimestamp(part),
  );
  return timestamp && isSigned ? signedValue(timestamp, delivery) : undefined;
};

const hash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 32);
