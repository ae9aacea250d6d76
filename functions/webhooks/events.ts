import { createHash } from 'node:crypto';
import { ownError } from '../errors/invite-error.ts';
import { SENDERS_CLOCK_SKEW_MS } from '../lib/times.ts';
import { type Delivery, headerOf, UnreadableDelivery } from './delivery.ts';
import type { Sandbox } from './expression.ts';
import { type HeaderPart, type Mark, type Path, textAt, valueAt } from './provider.ts';
import { parseTime, signedValue } from './signatures.ts';
import type { InstalledProvider } from './source.ts';

/**
 * Finds the events in the body of a delivery.
 *
 * @param headers for the source's expression that says where they are, if it has one.
 * @returns the event or events as rules see them; none for a ping, a simulation and an empty list.
 * @throws UnreadableDelivery
 * @throws InviteError where the expression takes too long.
 */
export const readPayloads = (
  provider: InstalledProvider,
  body: object,
  headers: Delivery['headers'],
  list: Sandbox['list'],
): unknown[] => {
  const { ignore = [], eventsExpression } = provider;
  const isMarked = (value: unknown) => ignore.some((mark) => hasMark(value, mark));
  if (isMarked(body)) return [];
  if (eventsExpression === undefined) {
    return listed(provider, body).filter((payload) => !isMarked(payload));
  }
  const results = list(eventsExpression, body, headers);
  if ('failed' in results) {
    throw results.failed === 'time_limit'
      ? ownError('rules_too_slow')
      : new UnreadableDelivery('events_failed');
  }
  return results.filter((payload) => !isMarked(payload));
};

/** A form has texts only. */
const hasMark = (value: unknown, { path, equals }: Mark): boolean => {
  const found = valueAt(value, path);
  const isPlain = found !== undefined && typeof found !== 'object';
  return isPlain && String(found) === String(equals);
};

/** @returns the events of a body that is no ping, as far as paths say where they are. */
export const listed = (
  { eventsPath, splitPath }: Pick<InstalledProvider, 'eventsPath' | 'splitPath'>,
  body: object,
): unknown[] => {
  const list = eventsPath === undefined || Array.isArray(body) ? body : valueAt(body, eventsPath);
  const payloads: unknown[] = Array.isArray(list) ? list : [body];
  return splitPath === undefined
    ? payloads
    : payloads.flatMap((payload) => splitAt(payload, splitPath));
};

/** A path whose last step picks items: `target[type=User]`. */
const PICK = /^(.*)\[([^.[\]=]+)=([^[\]]*)\]$/;

/**
 * Splits what has a list of several people in it into one event a person.
 *
 * @returns copies, each with one item in place of the list, so that a path which leads through the
 *   list leads to the item. Lists on the way to it are split, too. Where the path's end picks items,
 *   each copy has one of those and all the others in a list. What has no list there is returned as it
 *   is, and an empty one is no event.
 */
const splitAt = (event: unknown, path: Path): unknown[] => {
  const [, listPath = path, key, wanted] = PICK.exec(path) ?? [];
  const names = listPath.split('.');
  if (key === undefined) return splitBy(event, names, (list) => list);
  return splitBy(event, names, (list) => {
    const picked = list.filter((item) => valueAt(item, key) === wanted);
    if (picked.length < 2) return [list];
    return picked.map((one) => list.filter((item) => item === one || !picked.includes(item)));
  });
};

/** Copies only what lies on the way. @param split what stands in the place of the list. */
const splitBy = (
  value: unknown,
  [name, ...rest]: readonly string[],
  split: (list: unknown[]) => unknown[],
): unknown[] => {
  if (name === undefined) return Array.isArray(value) ? split(value) : [value];
  if (Array.isArray(value)) return value.flatMap((item) => splitBy(item, [name, ...rest], split));
  const member = valueAt(value, name);
  if (member === undefined) return [value];
  return splitBy(member, rest, split).map((one) =>
    Object.assign(Object.create(null), value, { [name]: one }),
  );
};

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
  /** When it happened, as its sender says, in epoch milliseconds; of what says nothing, when it was signed. */
  at?: number;
};

/** @param payloads what happened, as `readPayloads` found it in the body. */
export const identifiedEvents = (
  provider: InstalledProvider,
  delivery: Delivery,
  body: object,
  payloads: readonly unknown[],
): WebhookEvent[] => {
  const headers = headersForRules(provider, delivery);
  return payloads.map((payload) => {
    const subject = textAt(payload, provider.subject ?? []);
    const type = textAt(payload, provider.type ?? []);
    const at = timeOf(provider, delivery, payload);
    const facts = {
      payload,
      body,
      headers,
      ...(subject !== undefined && { subject }),
      ...(type !== undefined && { type }),
      ...(at !== undefined && { at }),
    };
    return { ...facts, ...identify(provider, delivery, facts, payloads.length === 1) };
  });
};

/**
 * Whether an event is no older than its source allows. One that is as far ahead is none either, or a
 * wrong clock would let it be replayed for years; nor is one that does not say when it happened.
 *
 * @param maxAge seconds; undefined: however old.
 * @param now epoch milliseconds.
 */
export const isRecent = (
  { at }: Pick<WebhookEvent, 'at'>,
  maxAge: number | undefined,
  now: number,
): boolean =>
  maxAge === undefined ||
  (at !== undefined && Math.abs(now - at) <= maxAge * 1000 + SENDERS_CLOCK_SKEW_MS);

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

const timeOf = (provider: InstalledProvider, delivery: Delivery, payload: unknown) => {
  const told = textAt(payload, provider.time ?? []);
  if (told !== undefined) return parseTime(told);
  const signed = signedTimestamp(provider, delivery);
  return signed === undefined ? undefined : parseTime(signed);
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
