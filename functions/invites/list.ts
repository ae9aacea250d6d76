import { type FieldError, invalidFields } from '../errors/invite-error.ts';
import { nearest, readTime, trimmed } from '../lib/text.ts';
import type { Invite, Status } from './invite.ts';
import type { Invocation } from './invocation.ts';
import type { Admission } from './policy.ts';
import { isNothing, REFERENCE, readChannel } from './request.ts';

/** Which invites are wanted. A field that is left out stands for all. */
export type ListFilter = {
  statuses?: readonly Status[];
  channel?: string;
  reference?: string;
  /** A door, or who came through it. */
  source?: string;
  /** Made then or later, in epoch milliseconds. */
  since?: number;
};

/** How far a list came: to so many of those that were made at that time (epoch milliseconds). */
type Position = { at: number; seen: number };

export type ListQuery = { filter: ListFilter; limit: number; from?: Position };
export type InvitePage = { invites: Invite[]; next_cursor: string | null };

/** The index of invites, the newest first; a moment behind the ledger. */
export type InviteList = {
  /**
   * @param until made then or earlier, in epoch milliseconds; left out: all.
   * @param after where the last round ended, of the same filter and time.
   * @returns invites as they read, with the times by which they are sorted, and where to go on. The
   *   filter's status may let others through.
   */
  newest(
    round: { filter: ListFilter; until?: number; atMost: number; after?: object },
    invocation: Invocation,
  ): Promise<{ found: { at: number; invite: Invite }[]; next?: { key: object; at: number } }>;
};

const DEFAULT_LIMIT = 50;
const MOST = 100;
/** What one request looks at, at most: some 10,000 invites, for callers who may read few of them. */
const MOST_ROUNDS = 10;
const WHOLE_ROUND = 1000;

/**
 * Lists what the caller may read, newest first. A page that is not full may have a cursor all the
 * same, where much had to be passed over.
 */
export const createList =
  (list: InviteList, { mayRead }: Pick<Admission, 'mayRead'>, now: () => number = Date.now) =>
  async (
    { filter, limit, from }: ListQuery,
    names: readonly string[],
    invocation: Invocation,
  ): Promise<InvitePage> => {
    const readable = new Map<string, Promise<boolean>>();
    const isWanted = async ({ status, channel }: Invite): Promise<boolean> => {
      if (filter.statuses && !filter.statuses.includes(status)) return false;
      const known = readable.get(channel) ?? mayRead(channel, names, invocation);
      readable.set(channel, known);
      return known;
    };

    const invites: Invite[] = [];
    let position: Position = { at: from?.at ?? Number.POSITIVE_INFINITY, seen: 0 };
    const { since: _, ...narrowed } = filter;
    let atMost = Object.keys(narrowed).length > 0 ? WHOLE_ROUND : limit + 1 + (from?.seen ?? 0);
    let after: object | undefined;
    let last = position;
    for (let round = 0; round < MOST_ROUNDS && now() < invocation.deadline; round += 1) {
      const until = from && { until: from.at };
      const asked = { filter, atMost, ...until, ...(after && { after }) };
      const { found, next } = await list.newest(asked, invocation);
      for (const { at, invite } of found) {
        position = at === position.at ? { at, seen: position.seen + 1 } : { at, seen: 1 };
        if (at === from?.at && position.seen <= from.seen) continue;
        if (!(await isWanted(invite))) continue;
        if (invites.length === limit) return { invites, next_cursor: cursorOf(last) };
        invites.push(invite);
        last = position;
      }
      if (!next) return { invites, next_cursor: null };
      if (next.at !== position.at) position = { at: next.at, seen: 0 };
      after = next.key;
      atMost = WHOLE_ROUND;
    }
    return { invites, next_cursor: cursorOf(invites.length === limit ? last : position) };
  };

/** It names no invite: the next one may be another caller's. */
const cursorOf = ({ at, seen }: Position): string =>
  Buffer.from(`${at}.${seen}`).toString('base64url');

const LONGEST_CURSOR = 32;
const POSITION = /^(\d{1,15})\.(\d{1,6})$/;

const positionOf = (cursor: string): Position | undefined => {
  if (cursor.length > LONGEST_CURSOR) return undefined;
  const [, at, seen] = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  return at === undefined ? undefined : { at: Number(at), seen: Number(seen) };
};

const PARAMETERS = [
  'status',
  'channel',
  'reference',
  'source',
  'since',
  'cursor',
  'limit',
] as const;
/** As invites read; all of them, or the compiler complains. */
const STATUSES: Record<Status, true> = {
  queued: true,
  sending: true,
  sent: true,
  unknown: true,
  failed: true,
  cancelled: true,
  already_in_channel: true,
  accepted: true,
  connected: true,
  declined: true,
  revoked: true,
  expired: true,
};
/** An ARN has at most 2,048 characters, of printable ASCII; a JWT's `sub` and names have fewer. */
const SOURCE = /^[\x20-\x7e]{1,2048}$/;

/**
 * @param query the parameters of the URL. One that is empty is as if left out.
 * @throws InviteError `InvalidRequest` with every parameter that is wrong and its remedy.
 */
export const parseListQuery = (
  query: Readonly<Record<string, string | undefined>> = {},
): ListQuery => {
  const errors: FieldError[] = [];
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(query)) {
    if (!PARAMETERS.some((known) => known === name)) {
      errors.push({ field: name, detail: unknownParameter(name) });
    } else if (!isNothing(value)) given.set(name, trimmed(value as string));
  }
  /** @returns undefined where it is left out, or wrong. */
  const read = <T>(name: (typeof PARAMETERS)[number], parse: (text: string) => T | string) => {
    const text = given.get(name);
    const value = text === undefined ? undefined : parse(text);
    if (typeof value !== 'string') return value as Exclude<T, string> | undefined;
    errors.push({ field: name, detail: value });
    return undefined;
  };

  const statuses = read('status', parseStatuses);
  const channel = read('channel', (text) => {
    const found = readChannel(text);
    return 'value' in found ? found : found.problem;
  });
  const reference = read('reference', (text) =>
    REFERENCE.test(text)
      ? { value: text }
      : 'must have 1 to 64 letters, digits, or the characters _ . : -',
  );
  const source = read('source', (text) =>
    SOURCE.test(text)
      ? { value: text }
      : 'must be a door, such as hr-webhook, or who came through it, such as the name of an HR source',
  );
  const since = read('since', (text) => {
    const at = readTime(text);
    return at === undefined || at < 0
      ? 'must be a day, such as 2026-11-23, or a time with its zone, such as 2026-11-23T12:00:00Z'
      : at;
  });
  const limit = read('limit', (text) =>
    /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST
      ? Number(text)
      : `must be a whole number from 1 to ${MOST}`,
  );
  const from = read(
    'cursor',
    (text) => positionOf(text) ?? 'must be the next_cursor of an answer, as it is',
  );

  if (errors.length > 0) throw invalidFields(errors);
  return {
    filter: {
      ...(statuses && { statuses }),
      ...(channel && { channel: channel.value }),
      ...(reference && { reference: reference.value }),
      ...(source && { source: source.value }),
      ...(since !== undefined && { since }),
    },
    limit: limit ?? DEFAULT_LIMIT,
    ...(from && { from }),
  };
};

/** Several are separated by commas; so the gateway joins a parameter that is given several times. */
const parseStatuses = (text: string): Status[] | string => {
  const wanted = text.split(',').map((status) => trimmed(status));
  const wrong = wanted.find((status) => !Object.hasOwn(STATUSES, status));
  if (wrong === undefined) return wanted as Status[];
  const known = Object.keys(STATUSES);
  const close = wrong.length <= 20 ? nearest(wrong, known) : undefined;
  return `must be one of ${known.join(', ')}, or several with commas between them${close ? ` (did you mean ${close}?)` : ''}`;
};

const unknownParameter = (name: string): string => {
  const close = name.length <= 20 ? nearest(name, PARAMETERS) : undefined;
  return close
    ? `is unknown (did you mean ${close}?)`
    : `is unknown; leave it out, since the parameters are ${PARAMETERS.join(', ')}`;
};
