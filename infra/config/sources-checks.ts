import type * as z from 'zod';
import type { HmacAuth, Provider } from '../../functions/webhooks/provider.ts';
import { PROVIDERS } from '../../functions/webhooks/providers.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';

// Checks of several fields together. They run when some of the fields are wrong by themselves too,
// so that all problems are told at once: nothing here may rely on a field having its type.

type Issues = { addIssue(issue: z.core.$ZodSuperRefineIssue): void };
type Unchecked<T> = { [key in keyof T]?: unknown };

/** What only a source whose sender the operator describes may say. */
const DESCRIPTION = ['events', 'eventId', 'time', 'ignore', 'handshake'] as const;

/** What the provider, the rules, the lookup and the description of a source require of each other. */
export const checkSource = (source: Unchecked<HrSource>, context: Issues): void => {
  const { provider, rules, lookup, auth, eventId, handshake, maxAge } = source;
  const refuse: Refuse = (path, input, message) =>
    context.addIssue({ code: 'custom', path, input, message });

  const row = new Map<string, Provider>(Object.entries(PROVIDERS)).get(String(provider));
  if (row) checkAuth(row, source, refuse);
  for (const key of row && row.auth !== 'operator' ? DESCRIPTION : []) {
    if (source[key] === undefined) continue;
    refuse(
      [key],
      source[key],
      `nothing: ${key} is for "generic" only, leave it out for "${provider}"`,
    );
  }
  if (row && maxAge !== undefined && !saysWhen(row)) {
    refuse(
      ['maxAge'],
      maxAge,
      `nothing: an event of "${provider}" does not say when it happened, and what its sender signs is refused after some minutes anyway; leave it out`,
    );
  }
  const idHeader = fieldOf(eventId, 'header');
  if (idHeader !== undefined && !isTrusted(idHeader, auth)) {
    refuse(
      ['eventId', 'header'],
      idHeader,
      'a header that is one of the signed parts; otherwise anybody could send an event again under another id',
    );
  }
  if (fieldOf(auth, 'body') !== undefined && fieldOf(handshake, 'body') !== undefined) {
    refuse(
      ['handshake', 'body'],
      fieldOf(handshake, 'body'),
      'nothing: with auth.body nobody has proved anything by then',
    );
  }
  if (row && !row.subject && lookup !== undefined && fieldOf(lookup, 'id') === undefined) {
    refuse(
      ['lookup', 'id'],
      undefined,
      `a JSONata expression over one event, since nothing is known of where "${provider}" has the person's id`,
    );
  }
  if (lookup !== undefined) return;
  for (const [index, rule] of itemsOf(rules)) {
    const invite = fieldOf(rule, 'invite');
    if (invite === undefined || fieldOf(invite, 'email') !== undefined) continue;
    refuse(
      ['rules', index, 'invite', 'email'],
      undefined,
      'a JSONata expression over one event, or a lookup next to the rules',
    );
  }
};

/** Whether a row names an event's time, or a time that is signed and that nothing else limits. */
const saysWhen = ({ time, auth }: Provider): boolean => {
  const timestamp = auth !== 'operator' && 'hmac' in auth ? auth.hmac.timestamp : undefined;
  return time !== undefined || (timestamp && timestamp.toleranceSeconds === undefined) === true;
};

type Refuse = (path: (string | number)[], input: unknown, message: string) => void;

const checkAuth = (
  row: Provider,
  { provider, auth }: Unchecked<HrSource>,
  refuse: Refuse,
): void => {
  if (row.auth === 'operator') {
    const needed = 'how the sender proves who it is: hmac, header, basic or body';
    if (auth === undefined) refuse(['auth'], auth, needed);
  } else if (auth !== undefined && !('header' in row.auth)) {
    refuse(['auth'], auth, `nothing: the scheme of "${provider}" is fixed, leave it out`);
  } else if (auth !== undefined && fieldOf(auth, 'header') === undefined) {
    refuse(['auth'], auth, `a header in which "${provider}" sends the secret, or leave it out`);
  }
};

/** Whether who may not know the secret cannot change a header: it is signed, or nothing is. */
const isTrusted = (header: unknown, auth: unknown): boolean => {
  const hmac = fieldOf(auth, 'hmac');
  if (hmac === undefined) return fieldOf(auth, 'body') === undefined;
  return itemsOf(fieldOf(hmac, 'signed')).some(
    ([, signed]) => fieldOf(signed, 'header') === header && fieldOf(signed, 'part') === undefined,
  );
};

/** Whether a signature covers what it has to. */
export const checkSigned = ({ signed, timestamp }: Unchecked<HmacAuth>, context: Issues): void => {
  const parts = itemsOf(signed).map(([, part]) => part);
  if (Array.isArray(signed) && !parts.includes('body')) {
    context.addIssue({
      code: 'custom',
      path: ['signed'],
      input: signed,
      message: 'parts with "body" among them; otherwise anybody could change it',
    });
  }
  const header = fieldOf(timestamp, 'header');
  const isTimestamp = (part: unknown) =>
    fieldOf(part, 'header') === header && fieldOf(part, 'part') === fieldOf(timestamp, 'part');
  if (header !== undefined && !parts.some(isTimestamp)) {
    context.addIssue({
      code: 'custom',
      path: ['timestamp', 'header'],
      input: header,
      message: 'a header that is one of the signed parts; otherwise anybody could change it',
    });
  }
};

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const itemsOf = (value: unknown): [number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : [];

const fieldOf = (value: unknown, key: string): unknown =>
  entriesOf(value).find(([name]) => name === key)?.[1];
